import { expect, it } from 'vitest';
import { verifiedAfter } from './neighbour-settings.ts';

const as = (settings: Record<string, string>) =>
  verifiedAfter('br-lan', (path) => settings[path.replace('/proc/sys/net/', '')] ?? '');

it('is a minute unless somebody has set it otherwise', () => {
  expect(verifiedAfter('no-such-interface')).toBe(60_000);
  expect(as({ 'ipv4/neigh/br-lan/base_reachable_time_ms': 'nonsense' })).toBe(60_000);
});

it('follows what the kernel is set to, the longer of both families', () => {
  const ipv4 = {
    'ipv4/neigh/br-lan/base_reachable_time_ms': '4000\n',
    'ipv4/neigh/br-lan/delay_first_probe_time': '1\n',
  };
  expect(as(ipv4)).toBe(60_000);
  const ipv6 = {
    'ipv6/neigh/br-lan/base_reachable_time_ms': '2000\n',
    'ipv6/neigh/br-lan/delay_first_probe_time': '1\n',
    'ipv6/neigh/br-lan/ucast_solicit': '5\n',
  };
  expect(as({ ...ipv4, ...ipv6 })).toBe(6000 + 1000 + 3000 + 7000);
  expect(as({ ...ipv4, 'ipv4/neigh/br-lan/base_reachable_time_ms': '120000' })).toBe(191_000);
});

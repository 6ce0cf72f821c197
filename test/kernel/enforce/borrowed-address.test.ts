import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { countedAccess } from '../../../daemon/src/enforce/access-table.ts';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import { type Device, eventually, request, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

/** A paused device that sends from a MAC that is not its own, and goes on to answer for its addresses by its own. */
let home: VirtualHome;
let enforcer: RouterEnforcer;
let tablet: Device;
let laptop: Device;
let paused: Household;

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  paused = {
    children: { an: { pause: { since: 0, until: null } } },
    devices: { [tablet.mac]: 'an' },
    known: [laptop.mac],
  };
  enforcer = await RouterEnforcer.start(home);
});
afterEach(() => tablet.exec('nft', ['delete', 'table', 'netdev', 'forge']));
afterAll(() => home.stop());

const INVENTED = '66:aa:bb:cc:dd:ee';
const outside = () => {
  const { v4, v6 } = home.internet.site('hocmai.vn');
  return [`https://${v4}/`, `https://[${v6}]/`];
};
const opens = async (device: Device, url: string, timeout = 1500) =>
  (await request(device, url, { timeout })).reached;

async function sendAs(mac: string): Promise<void> {
  const input = `table netdev forge {
    chain out {
      type filter hook egress device "eth0" priority 0
      ether type { ip, ip6 } ether saddr set ${mac}
    }
  }\n`;
  await tablet.check('nft', ['-f', '-'], { input });
}

describe.each(['allow', 'ask', 'quarantine'] as const)('where new devices are met with %s', (newDevices) => {
  test.each([
    ['nobody', () => INVENTED],
    ['the parents’ laptop', () => laptop.mac],
  ])('it does not get out as %s, and is remembered', async (_who, mac) => {
    await enforcer.apply({ ...paused, newDevices });
    for (const url of outside()) await opens(tablet, url);
    await enforcer.borrowed();
    await sendAs(mac());
    for (const url of outside()) {
      await eventually('it is closed', async () => !(await opens(tablet, url)), 10_000);
      expect(await opens(tablet, url)).toBe(false);
      expect(await opens(laptop, url, 5000)).toBe(true);
    }
    const borrowed = await enforcer.borrowed();
    const addresses = borrowed.map(({ address }) => address);
    expect(new Set(borrowed.map((each) => each.mac))).toEqual(new Set([mac()]));
    expect(addresses).toContain(tablet.address4);
    expect(addresses.some((address) => address.includes(':'))).toBe(true);
    expect((await enforcer.status()).counters[countedAccess.borrowed]).toBeGreaterThan(0);
  });
});

test('nor from an address that it has just taken', async () => {
  await enforcer.apply({ ...paused, newDevices: 'allow' });
  await tablet.check('ip', ['addr', 'add', '192.168.50.223/24', 'dev', 'eth0']);
  await tablet.check('ip', ['addr', 'add', '2001:db8:50::bad/64', 'dev', 'eth0', 'nodad']);
  const { v4, v6 } = home.internet.site('hocmai.vn');
  const reaches = async (from: string, url: string) =>
    (await tablet.exec('curl', ['-skm', '2', '--interface', from, '-o', '/dev/null', url])).code === 0;
  await sendAs(INVENTED);
  for (const [from, url] of [
    ['192.168.50.223', `https://${v4}/`],
    ['2001:db8:50::bad', `https://[${v6}]/`],
  ] as const) {
    await eventually('it is closed', async () => !(await reaches(from, url)), 10_000);
    expect(await reaches(from, url)).toBe(false);
  }
});

test('an address that DHCP gives to another device is that device’s within seconds', async () => {
  await enforcer.apply({ ...paused, newDevices: 'allow' });
  for (const url of outside()) await opens(tablet, url);
  const address = tablet.address4;
  await tablet.check('ip', ['addr', 'del', `${address}/24`, 'dev', 'eth0']);
  await laptop.check('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
  // As whoever has just come, it asks for its router first.
  await laptop.check('ip', ['neigh', 'flush', 'dev', 'eth0']);
  try {
    const { v4 } = home.internet.site('hocmai.vn');
    const began = performance.now();
    await eventually(
      'the laptop is out from there',
      async () =>
        (
          await laptop.exec('curl', [
            '-skm',
            '2',
            '--interface',
            address,
            '-o',
            '/dev/null',
            `https://${v4}/`,
          ])
        ).code === 0,
      10_000,
    );
    console.log(`it took ${((performance.now() - began) / 1000).toFixed(1)} s`);
  } finally {
    await laptop.check('ip', ['addr', 'del', `${address}/24`, 'dev', 'eth0']);
    await tablet.check('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
  }
});

test('with the daemon dead what it sends stays closed, and nothing of it is kept for long', async () => {
  await enforcer.apply({ ...paused, newDevices: 'allow' });
  for (const url of outside()) await opens(tablet, url);
  await sendAs(INVENTED);
  const [url = ''] = outside();
  await eventually('it is closed', async () => !(await opens(tablet, url)), 10_000);
  enforcer.process.kill('SIGKILL');
  await enforcer.process.exited;
  for (const each of outside()) expect(await opens(tablet, each)).toBe(false);
  const owned = await home.router.check('nft', ['list', 'set', 'netdev', 'khien', 'owned4']);
  expect(owned).toMatch(/192\.168\.50\.\d+ timeout 5m expires/);
});

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { counted } from '../../../daemon/src/enforce/policy-table.ts';
import { type Device, dig, eventually, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from '../enforce/router-enforcer.ts';

/** A child's device that invents an address for each of thousands of queries a second, and another that only asks. */
let home: VirtualHome;
let router: RouterEnforcer;
let tablet: Device;
let phone: Device;

const program = fileURLToPath(new URL('flooding-program.ts', import.meta.url));
const PER_SECOND = 4000;

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  phone = home.device('newphone');
  router = await RouterEnforcer.start(home, '', 'daemon');
  await router.apply({
    children: { an: { blockedNames: ['hocmai.vn'] }, binh: { blockedNames: ['hocmai.vn'] } },
    devices: { [tablet.mac]: 'an', [phone.mac]: 'binh' },
  });
  await eventually('the phone is known', async () => (await dig(phone, 'hocmai.vn')).answers.length > 0);
});
afterAll(() => home.stop());

test('queries from invented addresses keep nobody that is known from being answered, and cost little memory', async () => {
  await tablet.sysctl({ 'ipv6/ip_nonlocal_bind': 1 });
  await tablet.check('ip', ['-6', 'route', 'add', 'local', '2001:db8:50:0:dead::/80', 'dev', 'lo']);
  const before = await router.status();
  const flood = tablet.node(program, ['fd50::1', String(PER_SECOND)], { name: 'flood' });
  await eventually(
    'it floods',
    async () => ((await router.status()).counters[counted.unknown] ?? 0) > PER_SECOND,
    30_000,
  );
  let slowest = 0;
  try {
    for (let count = 0; count < 10; count++) {
      const began = performance.now();
      expect((await dig(phone, 'hocmai.vn')).answers).toMatchObject([{ data: '0.0.0.0' }]);
      slowest = Math.max(slowest, performance.now() - began);
    }
  } finally {
    await flood.stop();
  }
  console.log(`while it floods, the slowest answer takes ${slowest.toFixed(0)} ms`);
  expect(slowest).toBeLessThan(2000);
  const after = await router.status();
  expect(after.rss - before.rss).toBeLessThan(40e6);
  // Who has a new address is waited for again when it is over.
  await phone.check('ip', ['addr', 'add', 'fd50::77/64', 'dev', 'eth0', 'nodad']);
  await eventually(
    'a new address is known',
    async () => {
      const { stdout } = await phone.exec('dig', [
        '@fd50::1',
        '-b',
        'fd50::77',
        '+short',
        '+time=2',
        'hocmai.vn',
      ]);
      return stdout.trim() === '0.0.0.0';
    },
    20_000,
  );
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import { counted } from '../../../daemon/src/enforce/policy-table.ts';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { type Device, dig, request, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

const folder = mkdtempSync(join(tmpdir(), 'khien-names-'));
let home: VirtualHome;
let enforcer: RouterEnforcer;
let tablet: Device;
let laptop: Device;
let policy: Household;

beforeAll(async () => {
  const compiler = new TableCompiler();
  for (const name of ['bet365.com', 'w88.com']) compiler.add(1, name);
  compiler.add(0, 'live.example.org');
  const list = join(folder, 'test.khl');
  writeFileSync(list, Buffer.concat(compiler.finish().pieces));
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  policy = {
    children: {
      an: {
        blockedServices: ['tiktok'],
        blockedNames: [`${'l'.repeat(40)}.vn`],
        blockedCategories: ['gambling'],
      },
      binh: {},
    },
    devices: { [tablet.mac]: 'an', [home.device('newphone').mac]: 'binh' },
    services: { 'social/tiktok': ['tiktok.com', 'tiktokv.com'] },
    categories: { adult: 0, gambling: 1 },
    helpNames: ['tongdai111.vn'],
  };
  enforcer = await RouterEnforcer.start(home, list);
});
beforeEach(() => enforcer.apply(policy));
afterAll(async () => {
  await home.stop();
  rmSync(folder, { recursive: true });
});

/** How many packets a rule met meanwhile. */
async function counting(rule: string, work: () => Promise<unknown>): Promise<number> {
  const before = (await enforcer.status()).counters[rule] ?? Number.NaN;
  await work();
  return ((await enforcer.status()).counters[rule] ?? Number.NaN) - before;
}

const resolvers = ['192.168.50.1', 'fd50::1', '8.8.8.8', '2001:4860:4860::8888'];

describe.each(resolvers)('asking %s', (server) => {
  test.each(['tiktok.com', 'www.TikTok.cOm', 'a.b.c.tiktokv.com', 'BET365.com', `x.${'L'.repeat(40)}.vn`])(
    'for %s leads to the responder',
    async (name) => {
      const blocked = await counting(counted.blocked, async () => {
        expect(await dig(tablet, name, { server })).toMatchObject({ status: 'NXDOMAIN' });
        expect(await dig(tablet, name, { server, edns: false, type: 'HTTPS' })).toMatchObject({
          status: 'NXDOMAIN',
        });
      });
      expect(blocked).toBe(2);
    },
  );

  test('for another name leads to the resolver, and nowhere else', async () => {
    home.router.dnsmasq.forgetQueries();
    const before = await enforcer.status();
    for (const name of [
      'hocmai.vn',
      'tiktok.com.vnexpress.net',
      'atiktok.com',
      'example.org',
      'tiktok.org',
    ]) {
      expect(await dig(tablet, name, { server })).toMatchObject({ status: 'NOERROR' });
    }
    const { counters } = await enforcer.status();
    expect(counters[counted.resolver]).toBe((before.counters[counted.resolver] ?? 0) + 5);
    expect(counters[counted.blocked]).toBe(before.counters[counted.blocked]);
    expect(counters[counted.undecided]).toBe(before.counters[counted.undecided]);
    expect(home.dnsmasqQueries().map(({ name }) => name)).toContain('hocmai.vn');
  });

  test('for a service, from a child to whom it is allowed, leads to the responder while that lives', async () => {
    const tracked = await counting(counted.tracked, async () => {
      await dig(home.device('newphone'), 'www.tiktok.com', { server });
    });
    expect(tracked).toBe(1);
  });

  test('by TCP leads to the responder', async () => {
    expect(await dig(tablet, 'hocmai.vn', { server, tcp: true })).toMatchObject({ status: 'NXDOMAIN' });
  });

  test('from a child with nothing blocked, and from an unmanaged device, leads to the resolver', async () => {
    for (const name of ['bet365.com', `${'l'.repeat(40)}.vn`]) {
      expect(await dig(home.device('newphone'), name, { server })).toMatchObject({ status: 'NOERROR' });
    }
    expect(await dig(laptop, 'tiktok.com', { server })).toMatchObject({ status: 'NOERROR' });
    expect(await dig(laptop, 'tiktok.com', { server, tcp: true })).toMatchObject({ status: 'NOERROR' });
  });

  test('from one socket, each answer comes from whom it asked', async () => {
    const port = { server, sourcePort: 40_053 };
    for (const [name, status] of [
      ['tiktok.com', 'NXDOMAIN'],
      ['hocmai.vn', 'NOERROR'],
      ['w88.com', 'NXDOMAIN'],
      ['vnexpress.net', 'NOERROR'],
    ] as const) {
      expect(await dig(tablet, name, port)).toMatchObject({ status, server });
    }
  });
});

test('an unmanaged device keeps the resolver it chose', async () => {
  home.router.dnsmasq.forgetQueries();
  await dig(laptop, 'only-here.example.org', { server: '8.8.8.8' });
  expect(home.dnsmasqQueries()).toEqual([]);
});

test.each([
  ['decided', 64, 0],
  ['left to the responder', 65, 1],
])('a name is %s that has %i bytes in wire format', async (_, length, undecided) => {
  const below = 'vnexpress.net';
  const name = `${'a'.repeat(length - below.length - 3)}.${below}`;
  expect(await counting(counted.undecided, () => dig(tablet, name))).toBe(undecided);
});

test('a help name leads to the resolver though it is blocked', async () => {
  await enforcer.apply({ ...policy, children: { an: { blockedNames: ['tongdai111.vn'] }, binh: {} } });
  expect(await dig(tablet, 'www.tongdai111.vn')).toMatchObject({ status: 'NOERROR' });
});

test('nobody reaches the responder’s ports but by the redirections', async () => {
  const guarded = await counting(counted.guarded, async () => {
    for (const device of [tablet, laptop]) {
      expect(
        await dig(device, 'hocmai.vn', { server: '192.168.50.1', port: 5453, timeout: 1000 }),
      ).toMatchObject({
        status: 'TIMEOUT',
      });
      expect(await request(device, 'http://192.168.50.1:5480/', { timeout: 500 })).toMatchObject({
        reached: false,
      });
    }
  });
  expect(guarded).toBeGreaterThanOrEqual(4);
  expect(await request(tablet, 'http://192.168.50.1/')).toMatchObject({ body: 'the child’s page' });
  expect(await request(tablet, 'http://[fd50::1]/')).toMatchObject({ body: 'the child’s page' });
});

test('DNS over TLS is refused to managed devices only', async () => {
  const { v4, v6 } = home.internet.site('hocmai.vn');
  for (const address of [v4, `[${v6}]`]) {
    expect(await request(tablet, `https://${address}:853/`)).toEqual({
      reached: false,
      error: 'ECONNREFUSED',
    });
    expect(await request(laptop, `https://${address}:853/`)).not.toMatchObject({ error: 'ECONNREFUSED' });
  }
});

test('what conntrack knows from before a device is managed does not lead out', async () => {
  await enforcer.apply({ ...policy, devices: {} });
  const server = { server: '8.8.8.8', sourcePort: 40_054 };
  home.router.dnsmasq.forgetQueries();
  await dig(tablet, 'vnexpress.net', server);
  expect(home.dnsmasqQueries()).toEqual([]);
  await enforcer.apply(policy);
  expect(await dig(tablet, 'tiktok.com', server)).toMatchObject({ status: 'NXDOMAIN' });
});

describe('a change of names', () => {
  test('holds at once, both ways', async () => {
    const services = { 'social/tiktok': ['tiktok.com', 'roblox.com'] };
    await enforcer.apply({ ...policy, services });
    expect(await dig(tablet, 'roblox.com')).toMatchObject({ status: 'NXDOMAIN' });
    expect(await dig(tablet, 'tiktokv.com')).toMatchObject({ status: 'NOERROR' });
  });

  test('brings in the lists of categories, and takes them out', async () => {
    expect(await dig(tablet, 'bet365.com')).toMatchObject({ status: 'NXDOMAIN' });
    await enforcer.apply({ ...policy, children: { an: { blockedCategories: ['adult'] }, binh: {} } });
    expect(await dig(tablet, 'bet365.com')).toMatchObject({ status: 'NOERROR' });
    expect(await dig(tablet, 'www.live.example.org')).toMatchObject({ status: 'NXDOMAIN' });
  });

  test('reaches names below that a list has for another child’s reason', async () => {
    const binh = { blockedCategories: ['adult'] };
    await enforcer.apply({ ...policy, children: { an: {}, binh } });
    expect(await dig(tablet, 'www.example.org')).toMatchObject({ status: 'NOERROR' });
    await enforcer.apply({ ...policy, children: { an: { blockedNames: ['example.org'] }, binh } });
    for (const name of ['example.org', 'live.example.org', 'a.live.example.org']) {
      expect(await dig(tablet, name)).toMatchObject({ status: 'NXDOMAIN' });
    }
    expect(await dig(home.device('newphone'), 'example.org')).toMatchObject({ status: 'NOERROR' });
    expect(await dig(home.device('newphone'), 'live.example.org')).toMatchObject({ status: 'NXDOMAIN' });
  });
});

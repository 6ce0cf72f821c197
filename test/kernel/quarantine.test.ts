import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Household } from '../../daemon/src/enforce/fixture/household.ts';
import { vi } from '../../daemon/src/portal/language/vi.ts';
import { type Device, dig, download, eventually, type Host, request, VirtualHome } from '../home/index.ts';
import { RouterEnforcer } from './enforce/router-enforcer.ts';

/** Devices that nobody has said anything of, where the household keeps them closed: also those that were never seen. */
let home: VirtualHome;
let router: RouterEnforcer;
let tablet: Device;
let laptop: Device;
let stranger: Device;
let open: Household;
let closed: Household;

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  stranger = home.device('newphone');
  open = {
    children: { an: {} },
    devices: { [tablet.mac]: 'an' },
    helpNames: ['tongdai111.vn'],
    known: [laptop.mac],
  };
  closed = { ...open, newDevices: 'quarantine' };
  router = await RouterEnforcer.start(home, '', 'daemon');
});
beforeEach(() => router.apply(closed));
afterAll(() => home.stop());

const bothOf = (name: string) => {
  const { v4, v6 } = home.internet.site(name);
  return [v4, `[${v6}]`];
};
const outside = () => bothOf('hocmai.vn');
const opens = async (device: Host, url: string) => (await request(device, url, { timeout: 5000 })).reached;
const pings = async (device: Device, address: string) =>
  (await device.exec('busybox', ['ping', '-c1', '-W2', address])).code === 0;

/** Nothing but the page and help: at once, without a timeout. */
async function expectClosed(device: Device): Promise<void> {
  for (const address of outside()) {
    const before = performance.now();
    expect(await request(device, `https://${address}/`, { timeout: 5000 })).toMatchObject({
      reached: false,
      error: 'ECONNREFUSED',
    });
    expect(performance.now() - before).toBeLessThan(2000);
    expect(await pings(device, address.replace(/[[\]]/g, ''))).toBe(false);
  }
}

describe('a stranger in quarantine', () => {
  test('is refused outside, over IPv4 and IPv6, and finds the page that says why', async () => {
    await expectClosed(stranger);
    const page = await request(stranger, 'http://khien.home.arpa/');
    expect(page).toMatchObject({ reached: true, status: 200 });
    expect(page.reached && page.body).toContain(vi.guest.newHeading);
  });

  test('is led to the page by every name, asked of whomever, over UDP and TCP', async () => {
    for (const server of ['192.168.50.1', 'fd50::1', '8.8.8.8', '2001:4860:4860::8888']) {
      for (const tcp of [false, true]) {
        const { answers } = await dig(stranger, 'hocmai.vn', { server, tcp });
        expect(answers, server).toMatchObject([{ data: '172.31.53.80' }]);
      }
    }
    expect(await request(stranger, 'http://hocmai.vn/')).toMatchObject({ reached: true, status: 302 });
    const [kept] = outside();
    expect(await request(stranger, `http://${kept}/`)).toMatchObject({ reached: true, status: 302 });
  });

  test('reaches help by its name', async () => {
    const { v4 } = home.internet.site('tongdai111.vn');
    expect(await dig(stranger, 'tongdai111.vn')).toMatchObject({ answers: [{ data: v4 }] });
    expect(await opens(stranger, `https://${v4}/`)).toBe(true);
    expect(await opens(stranger, `http://${v4}/whoami`)).toBe(true);
  });

  test('keeps its place in the home: DHCP, neighbours, the router, other devices', async () => {
    await stranger.dhcp();
    await stranger.check('ip', ['neigh', 'flush', 'dev', 'eth0']);
    for (const address of ['192.168.50.1', 'fd50::1', laptop.address4, laptop.ula]) {
      expect(await pings(stranger, address), address).toBe(true);
    }
    expect(await pings(laptop, stranger.address4)).toBe(true);
  });

  test('touches neither children’s devices nor those that are known', async () => {
    for (const device of [tablet, laptop]) {
      for (const address of outside()) expect(await opens(device, `https://${address}/`)).toBe(true);
      expect((await dig(device, 'hocmai.vn')).answers).toMatchObject([
        { data: home.internet.site('hocmai.vn').v4 },
      ]);
    }
    // The router's own queries and connections are nobody's.
    expect((await dig(home.router, 'vnexpress.net', { server: '127.0.0.1' })).status).toBe('NOERROR');
    expect(await opens(home.router, `https://${outside()[0]}/`)).toBe(true);
  });

  test('is let in at once when the household lets all in, when it becomes known, and when a child gets it', async () => {
    const [site = ''] = outside();
    for (const change of [
      { newDevices: 'allow' },
      { known: [laptop.mac, stranger.mac] },
      { devices: { ...open.devices, [stranger.mac]: 'an' } },
    ] as const) {
      await router.apply({ ...closed, ...change });
      expect(await opens(stranger, `https://${site}/`)).toBe(true);
      await router.apply(closed);
      expect(await opens(stranger, `https://${site}/`)).toBe(false);
    }
  });

  test('loses what is running when quarantine begins', async () => {
    await router.apply(open);
    const [site = ''] = outside();
    const film = download(stranger, `http://${site}/stream`);
    const others = download(laptop, `http://${site}/stream`);
    await eventually('both run', () => film.flows() && others.flows());
    await router.apply(closed);
    await eventually('it has stopped', () => !film.flows(500));
    expect(others.flows(1000)).toBe(true);
    await Promise.all([film.stop(), others.stop()]);
  });

  test('whom nobody has ever seen is closed with the first packet, also on a port the daemon has not met', async () => {
    // Stopped, so that nobody in user space can notice anything.
    router.process.kill('SIGSTOP');
    try {
      await stranger.changeMac('7a:11:22:33:44:55');
      await expectClosed(stranger);
      const visitor = await home.addDevice('visitor', { mac: '66:00:00:00:00:07' });
      for (const address of outside()) expect(await opens(visitor, `https://${address}/`)).toBe(false);
      expect(await opens(laptop, `https://${outside()[0]}/`)).toBe(true);
    } finally {
      router.process.kill('SIGCONT');
    }
  });
});

describe('with the daemon dead', () => {
  test('strangers stay closed, help stays open, everybody else is as before', async () => {
    const help = home.internet.site('tongdai111.vn');
    expect((await dig(stranger, 'tongdai111.vn')).status).toBe('NOERROR');
    router.process.kill('SIGKILL');
    await router.process.exited;
    await expectClosed(stranger);
    await stranger.changeMac('7a:11:22:33:44:66');
    await expectClosed(stranger);
    await eventually(
      'help resolves again',
      async () => (await dig(stranger, 'tongdai111.vn', { timeout: 1000 })).answers[0]?.data === help.v4,
      20_000,
    );
    expect((await dig(stranger, 'hocmai.vn', { timeout: 1000 })).answers).toEqual([]);
    expect(await opens(stranger, `https://${help.v4}/`)).toBe(true);
    for (const device of [tablet, laptop]) {
      expect(await opens(device, `https://${outside()[0]}/`)).toBe(true);
      expect((await dig(device, 'hocmai.vn')).status).toBe('NOERROR');
    }
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countedAccess } from '../../../daemon/src/enforce/access-table.ts';
import { countedRefusals } from '../../../daemon/src/enforce/captive-portal.ts';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import {
  call,
  type Device,
  dig,
  download,
  eventually,
  type Host,
  type RequestOutcome,
  request,
  VirtualHome,
} from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

let home: VirtualHome;
let enforcer: RouterEnforcer;
let tablet: Device;
let laptop: Device;
let free: Household;
let paused: Household;

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  free = { children: { an: {} }, devices: { [tablet.mac]: 'an' }, helpNames: ['tongdai111.vn'] };
  paused = { ...free, children: { an: { pause: { since: 0, until: null } } } };
  enforcer = await RouterEnforcer.start(home);
});
beforeEach(() => enforcer.apply(free));
afterAll(() => home.stop());

const unreachable = { reached: false };
const refused = { reached: false, error: 'ECONNREFUSED' };
const page = { reached: true, body: 'the child’s page' };
const site = () => home.internet.site('hocmai.vn');
const bothOf = ({ v4, v6 }: { v4: string; v6: string }) => [v4, `[${v6}]`];

/** Lets all IP packets of a device carry another source MAC; by ARP it goes on to say its own, so that it is answered. */
async function sendAs(device: Device, mac: string): Promise<void> {
  const input = `table netdev forge {
    chain out {
      type filter hook egress device "eth0" priority 0
      ether type { ip, ip6 } ether saddr set ${mac}
    }
  }\n`;
  await device.check('nft', ['-f', '-'], { input });
}

/** Knows the device's addresses: what the neighbour table has seen. */
async function seen(device: Device): Promise<void> {
  for (const address of bothOf(site())) await request(device, `http://${address}/`);
}

describe('a paused device', () => {
  beforeEach(() => enforcer.apply(paused));

  test('reaches nothing outside, and others do', async () => {
    for (const address of bothOf(site())) {
      expect(await request(tablet, `http://${address}/`)).toMatchObject(page);
      expect(await request(tablet, `https://${address}/`)).toMatchObject(refused);
      expect(await request(laptop, `http://${address}/whoami`)).toMatchObject({ reached: true });
    }
    const { counters } = await enforcer.status();
    expect(counters[countedRefusals.page]).toBeGreaterThan(0);
    expect(counters[countedRefusals.refused]).toBeGreaterThan(0);
  });

  test('is refused at once, so that no app waits: TCP and UDP, outside and at the router', async () => {
    const { v4, v6 } = site();
    for (const address of [v4, `[${v6}]`, '192.168.50.1', '[fd50::1]', '172.31.53.80']) {
      const before = performance.now();
      expect(await request(tablet, `https://${address}/`, { timeout: 5000 })).toMatchObject(refused);
      expect(performance.now() - before, address).toBeLessThan(2000);
    }
    for (const address of [v4, v6, '192.168.50.1', 'fd50::1']) {
      expect(await udpAnswer(tablet, address, 443), address).toBe('ConnectionRefusedError');
    }
    expect(await udpAnswer(laptop, v4, 443)).toBe('answered');
  });

  test('reaches the child’s page, by every address of the router', async () => {
    for (const address of ['192.168.50.1', '[fd50::1]', '[2001:db8:50::1]']) {
      expect(await request(tablet, `http://${address}/`)).toMatchObject(page);
    }
  });

  test('gets every answer from the responder, help names too', async () => {
    for (const server of ['192.168.50.1', 'fd50::1', '8.8.8.8', '2001:4860:4860::8888']) {
      expect(await dig(tablet, 'hocmai.vn', { server })).toMatchObject({ status: 'NXDOMAIN', server });
    }
    expect(await dig(tablet, 'tongdai111.vn')).toMatchObject({ status: 'NXDOMAIN' });
  });

  test('keeps its place in the home: DHCP, neighbours, ping', async () => {
    await tablet.dhcp();
    await tablet.check('ip', ['neigh', 'flush', 'dev', 'eth0']);
    for (const address of ['192.168.50.1', 'fd50::1'])
      await tablet.check('busybox', ['ping', '-c1', '-W2', address]);
  });

  test('reaches other devices of the home', async () => {
    const script = `require('node:http').createServer((_, r) => r.end('hello')).listen(8080, () => console.log('up'))`;
    const server = laptop.spawn(process.execPath, ['-e', script]);
    await server.ready('a server on the laptop listens', () => server.log().includes('up'));
    for (const address of [laptop.address4, `[${laptop.ula}]`]) {
      expect(await request(tablet, `http://${address}:8080/`)).toMatchObject({ body: 'hello' });
    }
    await server.stop();
  });

  test('reaches help addresses, and only these', async () => {
    const help = home.internet.site('tongdai111.vn');
    for (const address of bothOf(help)) {
      expect(await request(tablet, `http://${address}/`)).toMatchObject(page);
      expect(await request(tablet, `https://${address}/`)).toMatchObject(refused);
    }
    await enforcer.allowHelpAddresses([help.v4, help.v6, 'nonsense']);
    for (const address of bothOf(help)) {
      for (const scheme of ['http', 'https']) {
        const { body } = reached(await request(tablet, `${scheme}://${address}/whoami`));
        expect(JSON.parse(body)).toMatchObject({ at: address.replace(/[[\]]/g, '') });
      }
    }
    const calls = [help, site()].flatMap(({ v4, v6 }) => [call(tablet, v4, 4500), call(tablet, v6, 500)]);
    await eventually('Wi-Fi calling works', () => calls[0]?.flows() === true && calls[1]?.flows() === true);
    expect(calls.map((each) => each.bytes > 0)).toEqual([true, true, false, false]);
    await Promise.all(calls.map((each) => each.stop()));
    for (const address of bothOf(site())) {
      expect(await request(tablet, `https://${address}/`)).toMatchObject(refused);
    }
  });

  test.each([
    ['fragments', ['-s', '4000']],
    ['echo requests', ['-s', '56']],
  ])('cannot send %s out', async (_, size) => {
    const ping = async (device: Device, seconds: string, address: string) =>
      (await device.exec('busybox', ['ping', '-c1', '-W', seconds, ...size, address])).code;
    const { v4, v6 } = site();
    for (const address of [v4, v6]) {
      expect(await ping(laptop, '2', address)).toBe(0);
      expect(await ping(tablet, '1', address)).not.toBe(0);
    }
  });

  test('cannot hide behind IPv6 extension headers', async () => {
    const { v6 } = site();
    expect(await echoedBehindOptions(laptop, v6)).toBe(true);
    expect(await echoedBehindOptions(tablet, v6)).toBe(false);
  });

  test('is not routed by another MAC of the router either', async () => {
    const ports = await home.router.check('cat', [`/sys/class/net/${tablet.port}/address`]);
    const neighbour = (change: 'replace' | 'del') =>
      tablet.check('ip', ['neigh', change, '192.168.50.1', 'lladdr', ports.trim(), 'dev', 'eth0']);
    await neighbour('replace');
    expect(await request(tablet, `https://${site().v4}/`, { timeout: 700 })).toMatchObject(unreachable);
    expect(await request(tablet, `http://${site().v4}/`)).toMatchObject(page);
    await neighbour('del');
  });

  test('is not let out in the name of the router, from which nobody can be told apart by ARP', async () => {
    const outside = () =>
      Promise.all(bothOf(site()).map((address) => request(tablet, `https://${address}/`, { timeout: 1500 })));
    await sendAs(tablet, home.router.mac);
    try {
      for (const outcome of await outside()) expect(outcome).toMatchObject(unreachable);
      expect((await enforcer.status()).counters[countedAccess.forged]).toBeGreaterThan(0);
    } finally {
      await tablet.check('nft', ['delete', 'table', 'netdev', 'forge']);
    }
  });

  test('is back at once when resumed', async () => {
    await enforcer.apply(free);
    for (const address of bothOf(site())) {
      const { body } = reached(await request(tablet, `http://${address}/whoami`));
      expect(JSON.parse(body)).toMatchObject({ at: address.replace(/[[\]]/g, '') });
    }
  });
});

test('a pause cuts what runs within a second: downloads and calls, IPv4 and IPv6', async () => {
  await seen(tablet);
  const { v4, v6 } = site();
  const running = [
    download(tablet, `http://${v4}/stream`),
    download(tablet, `http://[${v6}]/stream`),
    call(tablet, v4, 3478),
    call(tablet, v6, 3478),
  ];
  await eventually('all of them run', () => running.every((each) => each.flows()));
  const took = await enforcer.apply(paused);
  await eventually('all of them have stopped', () => running.every((each) => !each.flows(250)), 1000);
  console.log(`the pause took ${took.toFixed(1)} ms in the daemon`);
  const entries = await home.router.check('cat', ['/proc/net/nf_conntrack']);
  expect(entries).not.toContain(`src=${tablet.address4} dst=${v4} `);
  await Promise.all(running.map((each) => each.stop()));
});

test('an unmanaged device costs and meets nothing', async () => {
  const before = (await enforcer.status()).counters;
  await seen(laptop);
  expect((await enforcer.status()).counters).toEqual(before);
});

describe('a lease', () => {
  /** Off but for a grant that ends in so many milliseconds. */
  const until = (milliseconds: number): Household => ({
    ...free,
    children: {
      an: { pause: { since: 0, until: null }, grant: { since: 0, until: Date.now() + milliseconds } },
    },
  });

  test('ends when access shall end', async () => {
    await seen(tablet);
    await enforcer.apply(until(1500));
    const film = download(tablet, `http://${site().v4}/stream`);
    await eventually('it runs', () => film.flows());
    await eventually('it has stopped', () => !film.flows(300), 3000);
    expect((await enforcer.status()).withoutLease).toBe(1);
    await film.stop();
  });

  test('is ended by the kernel alone when the daemon is gone', async () => {
    await enforcer.apply(until(2500));
    const film = download(tablet, `http://${site().v6.replace(/^.*$/, '[$&]')}/stream`);
    await eventually('it runs', () => film.flows());
    enforcer.process.kill('SIGKILL');
    await enforcer.process.exited;
    expect(film.flows()).toBe(true);
    await eventually('it has stopped', () => !film.flows(300), 4000);
    // What conntrack still knows of this connection leads it outside; nothing of it may get there.
    const toPage = () => packets(home.router, 'netdev khien without_lease', countedRefusals.page);
    const outside = await watchOutside(home, tablet);
    const tried = await toPage();
    await eventually('the tablet tries to go on', async () => (await toPage()) > tried, 20_000);
    expect(await outside()).toBe(0);
    await film.stop();
    expect(await request(tablet, `https://${site().v4}/`)).toMatchObject(refused);
    enforcer = await RouterEnforcer.start(home);
  });
});

test('a killed and restarted enforcer disturbs nothing', async () => {
  await seen(tablet);
  const film = download(tablet, `http://${site().v4}/stream`);
  await eventually('it runs', () => film.flows());
  const handles = () => home.router.check('nft', ['-a', '-t', 'list', 'ruleset']);
  const before = await handles();
  enforcer.process.kill('SIGKILL');
  await enforcer.process.exited;
  enforcer = await RouterEnforcer.start(home);
  await enforcer.apply(free);
  expect(withoutCounters(await handles())).toBe(withoutCounters(before));
  expect(film.flows(200)).toBe(true);
  await film.stop();
});

/** Whether a UDP datagram to port 7 comes back that has Hop-by-Hop and Destination Options before its header (RFC 8200). */
async function echoedBehindOptions(device: Device, address: string): Promise<boolean> {
  const script = `
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(1)
padding = bytes([0, 0, 1, 4, 0, 0, 0, 0])
options = [(socket.IPPROTO_IPV6, kind, padding) for kind in (socket.IPV6_HOPOPTS, socket.IPV6_DSTOPTS)]
s.sendmsg([b'hello'], options, 0, (sys.argv[1], 7))
print(s.recv(100))`;
  return (await device.exec('python3', ['-c', script, address])).stdout.includes('hello');
}

/** Whether a datagram is answered: `answered`, or Python's name of the error. */
async function udpAnswer(device: Device, address: string, port: number): Promise<string> {
  const script = `
import socket, sys
s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(b'hello')
try:
  s.recv(100)
  print('answered')
except OSError as error:
  print(type(error).__name__)`;
  return (await device.exec('python3', ['-c', script, address, String(port)])).stdout.trim();
}

/** Counts what arrives outside from a device by IPv6, which is not translated, from now on. */
async function watchOutside(home: VirtualHome, device: Device): Promise<() => Promise<number>> {
  await home.internet.check('nft', [
    `add table inet watch; add chain inet watch arriving { type filter hook prerouting priority -400; };
     add rule inet watch arriving ip6 saddr ${device.address6} counter comment "from the device"`,
  ]);
  return () => packets(home.internet, 'inet watch arriving', 'from the device');
}

/** Packets that the rules of a chain with this comment have counted, as nft prints them. */
async function packets(host: Host, chain: string, comment: string): Promise<number> {
  const lines = (await host.check('nft', ['list', 'chain', ...chain.split(' ')])).split('\n');
  const counts = lines
    .filter((line) => line.includes(`"${comment}"`))
    .map((line) => Number(/counter packets (\d+)/.exec(line)?.[1]));
  expect(counts.length).toBeGreaterThan(0);
  return counts.reduce((sum, count) => sum + count, 0);
}

function reached(outcome: RequestOutcome): Extract<RequestOutcome, { reached: true }> {
  if (!outcome.reached) throw new Error(outcome.error);
  return outcome;
}

function withoutCounters(listing: string): string {
  return listing.replaceAll(/packets \d+ bytes \d+/g, '');
}

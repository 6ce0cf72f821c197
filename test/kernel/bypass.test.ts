import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countedAttempts } from '../../daemon/src/enforce/bypass-rules.ts';
import type { Household } from '../../daemon/src/enforce/fixture/household.ts';
import { call, type Device, dig, download, eventually, request, VirtualHome } from '../home/index.ts';
import {
  connectRequest,
  espHeader,
  greHeader,
  ikeInitiation,
  ipv6Packet,
  notWireguard,
  openvpnResets,
  plainRequest,
  wireguardInitiation,
} from './bypass/packets.ts';
import { attempt, type Try, WildInternet } from './bypass/wild-internet.ts';
import { RouterEnforcer } from './enforce/router-enforcer.ts';

let home: VirtualHome;
let wild: WildInternet;
let enforcer: RouterEnforcer;
let tablet: Device;
let laptop: Device;
/** Manages the tablet, with ways round the rules blocked or not. */
let household: (blocked: readonly string[], names?: readonly string[]) => Household;

/** Addresses in the catalogue: NextDNS' networks, WARP, a directory authority of Tor. */
const nextdns = ['45.90.28.77', '2a07:a8c0::7c:1234'];
const helpAtNextdns = ['45.90.30.99', '2a07:a8c1::99'];
const warp = ['162.159.193.5', '2606:4700:d0::a29f:c105'];
const tor = ['193.23.244.244', '2001:678:558:1000::244'];
const resolvers = ['8.8.8.8', '1.1.1.1', '2001:4860:4860::8888', '2606:4700:4700::1111'];

const site = (name = 'hocmai.vn') => home.internet.site(name);
const bothOf = ({ v4, v6 }: { v4: string; v6: string }) => [v4, v6];
const hello = Buffer.from('hello').toString('hex');
const udp = (port: number, payload = hello, addresses = bothOf(site())): Try[] =>
  addresses.map((address) => ({ kind: 'udp', address, port, payload }));
const tcp = (port: number, payload = '', addresses = bothOf(site())): Try[] =>
  addresses.map((address) => ({ kind: 'tcp', address, port, ...(payload === '' ? {} : { payload }) }));
const each = (ports: readonly number[], make: (port: number) => Try[]): Try[] =>
  ports.flatMap((port) => make(port));

const methodsOf = async (device: Device) =>
  (await enforcer.attempts())
    .filter(({ mac }) => mac === device.mac)
    .map(({ method }) => method)
    .sort();

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  wild = await WildInternet.start(home, [...nextdns, ...helpAtNextdns, ...warp, ...tor]);
  household = (blockedCategories, blockedNames = []) => ({
    children: { an: { blockedCategories: [...blockedCategories], blockedNames: [...blockedNames] } },
    devices: { [tablet.mac]: 'an' },
    helpNames: ['tongdai111.vn'],
  });
  enforcer = await RouterEnforcer.start(home);
});
afterAll(() => home?.stop());
beforeEach(async () => {
  await enforcer.apply(household(['bypass']));
  await enforcer.attempts();
});

describe('a child whose rules block ways round them', () => {
  test.each<[string, string, () => Try[]]>([
    ['DNS over TLS', 'dot', () => tcp(853, '', [...bothOf(site()), ...resolvers])],
    ['DNS over QUIC', 'doq', () => each([853, 784, 8853], udp)],
    ['DNS over HTTPS by address', 'doh', () => tcp(443, '', [...resolvers, ...nextdns])],
    ['DNS over HTTP/3 by address', 'doh', () => udp(443, hello, [...resolvers, ...nextdns])],
    ['a public resolver at any other port', 'doh', () => udp(5443, hello, [...resolvers, ...nextdns])],
    ['DNS at an odd port', 'odd-dns', () => each([54, 5353, 9953], (port) => [...udp(port), ...tcp(port)])],
    ['WireGuard at its port', 'vpn', () => udp(51820)],
    [
      'WireGuard at any port',
      'vpn',
      () => each([443, 3478, 40_000], (port) => udp(port, wireguardInitiation)),
    ],
    ['Cloudflare WARP', 'vpn', () => [...udp(443, hello, warp), ...tcp(443, '', warp), ...udp(2408)]],
    ['OpenVPN at its port', 'vpn', () => [...udp(1194), ...tcp(1194)]],
    ['OpenVPN at any port', 'vpn', () => Object.values(openvpnResets).flatMap((reset) => udp(443, reset))],
    ['IPsec', 'vpn', () => each([500, 4500], (port) => udp(port, ikeInitiation))],
    ['L2TP, PPTP', 'vpn', () => [...udp(1701), ...tcp(1701), ...tcp(1723)]],
    ['Teredo, ZeroTier, Tailscale', 'vpn', () => each([3544, 9993, 41641], udp)],
    ['Tor by port', 'tor', () => each([9001, 9030], tcp)],
    ['Tor’s directory by address', 'tor', () => each([80, 443], (port) => tcp(port, '', tor))],
    ['SOCKS and proxies by port', 'proxy', () => each([1080, 3128, 8118, 8388], tcp)],
    ['a proxy at any port', 'proxy', () => each([8080, 40_001], (port) => tcp(port, connectRequest))],
  ])('%s is refused and remembered as %s, and nobody else’s is', async (_, method, ways) => {
    expect(new Set(await attempt(laptop, ways()))).toEqual(new Set(['open']));
    expect(await enforcer.attempts()).toEqual([]);
    expect(await attempt(tablet, ways(), 'closed')).not.toContain('open');
    expect(await methodsOf(tablet)).toEqual([method]);
  });

  test.each<[string, number, string]>([
    ['GRE', 47, greHeader],
    ['ESP', 50, espHeader],
    ['AH', 51, espHeader],
    ['IPv6 in IPv4', 41, ipv6Packet],
    ['a protocol nobody uses', 253, hello],
  ])('%s does not leave the home', async (_, protocol, payload) => {
    const ways = (addresses: string[]): Try[] =>
      addresses.map((address) => ({ kind: 'raw', address, protocol, payload }));
    const addresses = bothOf(site());
    const before = wild.saw(protocol);
    await attempt(tablet, ways(addresses));
    expect(await methodsOf(tablet)).toEqual(['vpn']);
    await attempt(laptop, ways(addresses));
    await eventually('the laptop’s have left', () => wild.saw(protocol) >= before + 2);
    expect(wild.saw(protocol)).toBe(before + 2);
    expect(await enforcer.attempts()).toEqual([]);
  });

  test('a tunnel in pings is refused, a ping is not', async () => {
    const ping = async (device: Device, address: string, size: string) =>
      (await device.exec('busybox', ['ping', '-c1', '-W1', '-s', size, address])).code === 0;
    for (const address of bothOf(site())) {
      expect(await ping(tablet, address, '56')).toBe(true);
      expect(await methodsOf(tablet)).toEqual([]);
      expect(await ping(tablet, address, '600')).toBe(false);
      expect(await ping(tablet, address, '3000')).toBe(false);
      expect(await methodsOf(tablet)).toEqual(['vpn']);
      expect(await ping(laptop, address, '3000')).toBe(true);
    }
  });

  test('nor is one in answers to pings from outside, and nobody is told of those', async () => {
    const ping = async (device: Device, size: string) =>
      (await home.internet.exec('busybox', ['ping', '-c1', '-W1', '-s', size, device.address6])).code === 0;
    expect(await ping(tablet, '56')).toBe(true);
    expect(await ping(tablet, '600')).toBe(false);
    expect(await ping(laptop, '600')).toBe(true);
    expect(await enforcer.attempts()).toEqual([]);
  });

  test('reaches everything else: pages, calls, games, QUIC, and what is as long as a tunnel’s first message', async () => {
    const ways = [
      ...each([80, 443, 8080, 8443, 5222, 5228], tcp),
      ...each([123, 443, 3478, 5349, 19302, 27015, 30_000], udp),
      ...udp(443, notWireguard),
      ...tcp(8080, plainRequest),
      ...udp(443, `c000000001${'a5'.repeat(1195)}`),
    ];
    expect(new Set(await attempt(tablet, ways))).toEqual(new Set(['open']));
    for (const address of [site().v4, `[${site().v6}]`]) {
      expect(await request(tablet, `https://${address}/`)).toMatchObject({ reached: true });
    }
    expect(await enforcer.attempts()).toEqual([]);
  });

  test('Wi-Fi calling and help pass by IPsec and by everything else, and nothing is remembered of it', async () => {
    const { v4, v6 } = site('tongdai111.vn');
    expect(await attempt(tablet, udp(4500, ikeInitiation, [v4, v6]), 'closed')).not.toContain('open');
    await enforcer.attempts();
    await enforcer.allowHelpAddresses([v4, v6, ...helpAtNextdns]);
    const calling = [
      ...each([500, 4500], (port) => udp(port, ikeInitiation, [v4, v6])),
      ...tcp(443, '', helpAtNextdns),
    ];
    expect(new Set(await attempt(tablet, calling))).toEqual(new Set(['open']));
    const before = wild.saw(50);
    await attempt(tablet, [{ kind: 'raw', address: v4, protocol: 50, payload: espHeader }]);
    await eventually('ESP has left', () => wild.saw(50) > before);
    expect(await enforcer.attempts()).toEqual([]);
  });

  test('a foreign resolver does not get a query, by UDP or TCP, IPv4 or IPv6', async () => {
    await enforcer.apply(household(['bypass'], ['secret.example']));
    home.internet.dnsmasq.forgetQueries();
    for (const server of resolvers) {
      for (const tcp of [false, true]) {
        // The stand-in for the responder refuses; that it answers in the name of the one asked is the point.
        const reply = await dig(tablet, 'secret.example', { server, tcp });
        expect([reply.status === 'TIMEOUT', reply.server]).toEqual([false, server]);
      }
    }
    expect(await methodsOf(tablet)).toEqual(['foreign-dns']);
    const own = await dig(tablet, 'hocmai.vn');
    const ownByTcp = await dig(tablet, 'hocmai.vn', { tcp: true });
    expect([own.status, ownByTcp.status]).not.toContain('TIMEOUT');
    expect(await enforcer.attempts()).toEqual([]);
    expect(home.internet.dnsmasq.queries().filter(({ name }) => name === 'secret.example')).toEqual([]);
    const { counters } = await enforcer.status();
    expect(counters[countedAttempts['foreign-dns']]).toBeGreaterThanOrEqual(resolvers.length * 2);
  });

  test('DNS over HTTPS of a real client gets no answer, and gets one on the laptop', async () => {
    const curl = (device: Device) =>
      device.exec('curl', [
        ...['-sk', '-m', '4', '-o', '/dev/null', '-w', '%{http_code}', '--doh-insecure'],
        ...['--doh-url', 'https://8.8.8.8/dns-query', 'http://vnexpress.net/'],
      ]);
    expect((await curl(laptop)).stdout).toBe('200');
    expect((await curl(tablet)).stdout).toBe('000');
    expect(await methodsOf(tablet)).toEqual(['doh']);
  });
});

test('ways that were open are closed at once when they are blocked, and open again', async () => {
  await enforcer.apply(household([]));
  const [v4, v6] = warp;
  const running = [call(tablet, v4 ?? '', 443), call(tablet, v6 ?? '', 443), call(tablet, site().v4, 51820)];
  const film = download(tablet, `http://${site().v4}/stream`);
  await eventually('they run', () => [...running, film].every((each) => each.flows()));
  expect(await enforcer.attempts()).toEqual([]);
  await enforcer.apply(household(['bypass']));
  await eventually('they have stopped', () => running.every((each) => !each.flows(300)), 3000);
  expect(await methodsOf(tablet)).toEqual(['vpn']);
  await enforcer.apply(household([]));
  await eventually('they run again', () => running.every((each) => each.flows()));
  await Promise.all([...running, film].map((each) => each.stop()));
});

test('where ways round are not blocked, only encrypted DNS on ports of its own is refused', async () => {
  await enforcer.apply(household([]));
  await enforcer.attempts();
  const open = [
    ...udp(51820, wireguardInitiation),
    ...udp(4500, ikeInitiation),
    ...tcp(443, '', nextdns),
    ...tcp(9001),
  ];
  expect(new Set(await attempt(tablet, open))).toEqual(new Set(['open']));
  expect(await enforcer.attempts()).toEqual([]);
  expect(await attempt(tablet, [...tcp(853), ...udp(853)], 'closed')).not.toContain('open');
  expect(await methodsOf(tablet)).toEqual(['doq', 'dot']);
});

describe('the kernel alone', () => {
  test('refuses and remembers while nobody is there, with the time of it', async () => {
    enforcer.process.kill('SIGKILL');
    await enforcer.process.exited;
    const ways = [...udp(443, wireguardInitiation), ...tcp(9001), ...tcp(443, '', nextdns)];
    const before = Date.now();
    expect(await attempt(tablet, ways, 'closed')).not.toContain('open');
    expect(new Set(await attempt(laptop, ways))).toEqual(new Set(['open']));
    enforcer = await RouterEnforcer.start(home);
    await enforcer.apply(household(['bypass']));
    const remembered = await enforcer.attempts();
    expect(remembered.map(({ mac, method }) => `${mac} ${method}`).sort()).toEqual(
      ['doh', 'tor', 'vpn'].map((method) => `${tablet.mac} ${method}`),
    );
    for (const { ago } of remembered) {
      expect(ago).toBeGreaterThan(0);
      expect(ago).toBeLessThan(Date.now() - before + 2000);
    }
    expect(await enforcer.attempts()).toEqual([]);
  });

  test('keeps one entry for a device and a method, whatever it sends', async () => {
    const ways = each(
      Array.from({ length: 60 }, (_, index) => 20_000 + index),
      (port) => [{ kind: 'udp', address: site().v4, port, payload: wireguardInitiation }],
    );
    await attempt(tablet, ways, 'closed');
    const printed = await home.router.check('nft', ['list', 'set', 'inet', 'khien', 'attempts']);
    expect(printed.match(/expires/g)).toHaveLength(1);
    expect(printed).toContain(`${tablet.mac} . 0x`);
    expect(await enforcer.attempts()).toHaveLength(1);
  });

  test('a set of attempts that is full lets nothing pass', async () => {
    const keys = Array.from({ length: 4096 }, (_, index) => {
      const mac = `06:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
      return `${mac} . 0x00000001`;
    });
    await home.router.check('nft', ['-f', '-'], {
      input: `add element inet khien attempts { ${keys.join(', ')} }\n`,
    });
    expect(await attempt(tablet, udp(443, wireguardInitiation), 'closed')).not.toContain('open');
    expect(await enforcer.attempts()).toHaveLength(4096);
    expect(await attempt(tablet, tcp(9001), 'closed')).not.toContain('open');
    expect(await methodsOf(tablet)).toEqual(['tor']);
  });
});

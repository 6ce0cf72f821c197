import { readdirSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBrowser } from '../home/browser.ts';
import { call, defaultDevices, dig, download, eventually, request, VirtualHome } from '../home/index.ts';

let home: VirtualHome;
let startTook = 0;

beforeAll(async () => {
  const before = performance.now();
  home = await VirtualHome.start();
  startTook = performance.now() - before;
});
afterAll(() => home.stop());

async function whoami(name: string, url: string): Promise<unknown> {
  const outcome = await request(home.device(name), url);
  return outcome.reached ? JSON.parse(outcome.body) : outcome;
}

describe('addresses', () => {
  test('devices get leases, with the names they send', () => {
    const leases = home.router.dnsmasq.leases();
    for (const [name, { mac }] of Object.entries(defaultDevices)) {
      expect(leases).toContain(` ${mac} ${home.device(name).address4} ${name} `);
      expect(home.device(name).address4).toMatch(/^192\.168\.50\.\d+$/);
      expect(home.device(name).address6).toMatch(/^2001:db8:50:/);
      expect(home.device(name).ula).toMatch(/^fd50:/);
    }
  });

  test('the router resolves those names', async () => {
    const { answers } = await dig(home.device('laptop'), 'tablet.lan');
    expect(answers.map(({ data }) => data)).toEqual([home.device('tablet').address4]);
  });

  test('starting is fast enough to do it in every test file', () => {
    expect(startTook).toBeLessThan(3_000);
  });

  test('a device that joins later, and one that changes its MAC, get addresses too', async () => {
    const joined = await home.addDevice('console', { mac: '02:00:00:00:00:09', hostname: 'Xbox' });
    expect(home.router.dnsmasq.leases()).toContain(` 02:00:00:00:00:09 ${joined.address4} Xbox `);
    const { address6 } = joined;
    const lease = await joined.changeMac('02:00:00:00:00:0a');
    expect(home.router.dnsmasq.leases()).toContain(` 02:00:00:00:00:0a ${lease.address} Xbox `);
    expect(joined.address6).not.toBe(address6);
    expect(await whoami('console', 'http://example.org/whoami')).toMatchObject({ from: joined.address6 });
  });
});

describe('ways', () => {
  test('IPv4 goes out translated, IPv6 routed, HTTP and HTTPS', async () => {
    const { v4, v6 } = home.internet.site('www.example.org');
    expect(await whoami('tablet', `http://${v4}/whoami`)).toMatchObject({ at: v4, from: '203.0.113.1' });
    const { address6 } = home.device('tablet');
    expect(await whoami('tablet', `http://[${v6}]/whoami`)).toMatchObject({ at: v6, from: address6 });
    expect(await whoami('tablet', 'https://vnexpress.net/whoami')).toMatchObject({ host: 'vnexpress.net' });
  });

  test('devices reach each other; the outside does not reach them', async () => {
    const tablet = home.device('tablet');
    const program = `require('node:http').createServer((_, r) => r.end('hello')).listen(8080, () => console.log('up'))`;
    const server = tablet.spawn(process.execPath, ['-e', program]);
    await server.ready('a server on the tablet listens', () => server.log().includes('up'));
    for (const address of [tablet.address4, `[${tablet.address6}]`, `[${tablet.ula}]`]) {
      expect(await request(home.device('laptop'), `http://${address}:8080/`)).toMatchObject({
        body: 'hello',
      });
    }
    const inward = await request(home.internet, `http://[${tablet.address6}]:8080/`);
    expect(inward).toEqual({ reached: false, error: 'ECONNREFUSED' });
    await server.stop();
  });

  test('downloads and calls run until the cable is pulled out, and go on when it is back', async () => {
    const tablet = home.device('tablet');
    const { v4, v6 } = home.internet.site('tiktok.com');
    const transfers = [
      download(tablet, `http://${v4}/stream?rate=200000`),
      download(tablet, `http://[${v6}]/stream?rate=200000`),
      call(tablet, v4, 3478),
      call(tablet, v6, 3478),
    ];
    await eventually('everything flows', () => transfers.every((transfer) => transfer.flows(200)));
    await tablet.unplug();
    await eventually('everything stands still', () => transfers.every((transfer) => !transfer.flows(300)));
    await tablet.plugIn();
    await eventually('everything flows again', () => transfers.every((transfer) => transfer.flows(200)));
    expect(transfers.map(({ ended }) => ended)).toEqual([null, null, null, null]);
    await Promise.all(transfers.map((transfer) => transfer.stop()));
  });

  test('a download ends by itself with its length', async () => {
    const file = download(home.device('laptop'), 'http://example.org/bytes/3000000');
    await eventually('the download ends', () => file.ended !== null);
    expect([file.bytes, file.ended]).toEqual([3_000_000, 'status 200']);
  });

  test('the phone reaches where the cloud runs, and nobody the real world', async () => {
    const program = `require('node:http').createServer((_, r) => r.end('cloud')).listen(80, () => console.log('up'))`;
    const server = home.cloud.spawn(process.execPath, ['-e', program]);
    await server.ready('a server in the cloud listens', () => server.log().includes('up'));
    for (const host of [home.phone, home.router]) {
      expect(await request(host, 'http://khien.example/')).toMatchObject({ body: 'cloud' });
    }
    for (const host of [home.device('tablet'), home.router, home.internet, home.cloud, home.phone]) {
      const out = await request(host, 'http://192.88.99.1/', { timeout: 1_000 });
      expect(out, host.name).toEqual({ reached: false, error: 'ENETUNREACH' });
    }
  });

  test('the Internet can be lost and found', async () => {
    const url = `http://${home.internet.site('example.org').v4}/whoami`;
    await home.router.unplug();
    expect(await request(home.device('tablet'), url, { timeout: 500 })).toMatchObject({ reached: false });
    expect((await dig(home.device('tablet'), 'laptop.lan')).status).toBe('NOERROR');
    await home.router.plugIn();
    expect(await whoami('tablet', url)).toMatchObject({ from: '203.0.113.1' });
    expect(await whoami('tablet', 'http://example.org/whoami')).toMatchObject({ host: 'example.org' });
  });
});

describe('programs', () => {
  test('a host runs commands, and TypeScript, where it is', async () => {
    const laptop = home.device('laptop');
    const failed = await laptop.exec('sh', ['-c', 'cat; echo oops >&2; exit 3'], { input: 'in' });
    expect(failed).toEqual({ stdout: 'in', stderr: 'oops\n', code: 3 });
    await expect(laptop.exec('sleep', ['60'], { timeout: 100 })).rejects.toMatchObject({
      code: 'HOME_TIMEOUT',
    });
    const holder = laptop.exec('setsid', ['--fork', 'sleep', '60'], { timeout: 100 });
    await expect(holder).rejects.toMatchObject({ code: 'HOME_TIMEOUT' });
    const caller = fileURLToPath(new URL('../home/traffic-client.ts', import.meta.url));
    const calling = laptop.node(caller, ['call', home.internet.site('example.org').v4, '7']);
    await calling.ready('the echo is heard', () => / [1-9]\d*\n/.test(calling.log()));
    calling.kill('SIGKILL');
    expect(await calling.exited).toBeNull();
    await expect(calling.ready('it speaks', () => false)).rejects.toMatchObject({
      code: 'HOME_PROGRAM_EXITED',
    });
  });

  test('a browser opens on the phone', async () => {
    const { page, browser } = await openBrowser(home.phone);
    await page.goto('https://vnexpress.net/');
    expect(await page.title()).toBe('vnexpress.net');
    expect(
      await page.evaluate(() => [navigator.language, new Date().getTimezoneOffset(), innerWidth]),
    ).toEqual(['vi-VN', -7 * 60, 390]);
    await browser.close();
  });
});

describe('names', () => {
  test('the resolver that DHCP gives is the router, and says so in its log', async () => {
    home.router.dnsmasq.forgetQueries();
    const tablet = home.device('tablet');
    const reply = await dig(tablet, 'www.tiktok.com', { type: 'AAAA' });
    expect(reply).toMatchObject({ status: 'NOERROR', server: '192.168.50.1' });
    expect(reply.answers.map(({ data }) => data)).toEqual([home.internet.site('tiktok.com').v6]);
    expect(home.dnsmasqQueries()).toEqual([{ type: 'AAAA', name: 'www.tiktok.com', from: tablet.address4 }]);
  });

  test('public resolvers answer past the router, over UDP, TCP, IPv6 and HTTPS', async () => {
    home.router.dnsmasq.forgetQueries();
    home.internet.dnsmasq.forgetQueries();
    const laptop = home.device('laptop');
    for (const server of ['8.8.8.8', '1.1.1.1', '2001:4860:4860::8888']) {
      for (const tcp of [false, true]) {
        const reply = await dig(laptop, 'no-table-has.me', { server, tcp, edns: false });
        expect(reply).toMatchObject({ status: 'NOERROR', server });
      }
    }
    expect((await dig(laptop, 'missing.invalid', { server: '8.8.4.4' })).status).toBe('NXDOMAIN');
    const query = Buffer.from('000001000001000000000000037777770674696b746f6b03636f6d0000010001', 'hex');
    const doh = await request(laptop, `https://dns.google/dns-query?dns=${query.toString('base64url')}`);
    expect(doh).toMatchObject({ status: 200, headers: { 'content-type': 'application/dns-message' } });
    expect(home.internet.dnsmasq.queries()).toContainEqual({
      type: 'A',
      name: 'no-table-has.me',
      from: laptop.address6,
    });
    expect(home.dnsmasqQueries().map(({ name }) => name)).toEqual(['dns.google', 'dns.google']);
  });

  test('dnsmasq can be configured, killed and started again', async () => {
    const { dnsmasq } = home.router;
    const tablet = home.device('tablet');
    await dnsmasq.configure('test', ['address=/configured.test/192.0.2.200']);
    expect((await dig(tablet, 'configured.test')).answers.map(({ data }) => data)).toEqual(['192.0.2.200']);
    await dnsmasq.kill();
    expect((await dig(tablet, 'configured.test', { timeout: 1_000 })).status).toBe('TIMEOUT');
    await dnsmasq.start();
    expect((await dig(tablet, 'tablet.lan')).answers.map(({ data }) => data)).toEqual([tablet.address4]);
    await expect(dnsmasq.configure('test', ['no-such-option'])).rejects.toThrow(/bad option/);
    await dnsmasq.configure('test', []);
    expect((await dig(tablet, 'configured.test')).answers.map(({ data }) => data)).toEqual(['192.0.2.99']);
  });
});

describe('the end', () => {
  test('a home whose start fails leaves nothing behind', async () => {
    const before = readdirSync('/run/netns');
    const broken = VirtualHome.start({ devices: { broken: { mac: 'not a MAC' } } });
    await expect(broken).rejects.toThrow(/not a MAC/);
    expect(readdirSync('/run/netns')).toEqual(before);
  });

  test('it refuses to start where there is a way out', async () => {
    const ip = (line: string) => home.router.premises.namespaces.ip([line]);
    await ip('link add escape0 type veth peer name escape1');
    try {
      await ip('addr add 198.18.0.1/24 dev escape0');
      await ip('link set escape0 up');
      await expect(VirtualHome.start()).rejects.toMatchObject({ code: 'HOME_NOT_ISOLATED' });
    } finally {
      await ip('link del escape0');
    }
  });

  test('stop ends every process and namespace, and may be repeated', async () => {
    const other = await VirtualHome.start({ devices: {}, logQueries: false });
    other.router.spawn('sleep', ['1000']);
    // A daemon that leaves its process group.
    await other.router.check('sh', ['-c', 'setsid --fork sleep 1000 >/dev/null 2>&1']);
    const ours = () => readdirSync('/run/netns').filter((name) => name === other.router.namespace);
    expect(ours()).toHaveLength(1);
    await Promise.all([other.stop(), home.stop()]);
    await home.stop();
    expect(readdirSync('/run/netns')).toEqual([]);
    expect(elsewhere()).toEqual([]);
  });
});

/** The processes that are in other network namespaces than this one. */
function elsewhere(): string[] {
  const here = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return readlinkSync(`/proc/${entry}/ns/net`) !== here;
    } catch {
      return false;
    }
  });
}

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { lan } from '../../home/addresses.ts';
import {
  type Device,
  type DigOptions,
  dig,
  eventually,
  type RunningProcess,
  VirtualHome,
} from '../../home/index.ts';

// The responder with real sockets, neighbours and addresses, behind the plainest steering there is: everything that one
// device asks. What the enforcer steers is its own tests' concern.
const steering = (mac: string) => `
table inet steer {
  chain nat {
    type nat hook prerouting priority dstnat
    iifname br-lan ether saddr ${mac} udp dport 53 redirect to :53
    iifname br-lan ether saddr ${mac} tcp dport 53 redirect to :5455
  }
  chain in {
    type filter hook input priority -2
    iifname br-lan ether saddr ${mac} udp dport 53 udp dport set 5453
  }
  chain out {
    type filter hook output priority -300
    udp sport 5453 udp sport set 53
  }
}`;

const program = fileURLToPath(new URL('responder-program.ts', import.meta.url));

let home: VirtualHome;
let tablet: Device;
let responder: RunningProcess;

async function run(...state: string[]): Promise<void> {
  await responder?.stop();
  responder = home.router.node(program, [tablet.mac, home.router.dnsmasq.leaseFile, ...state]);
  await responder.ready('the responder answers', () => responder.log().includes('ready'));
}

const hits = () => responder.log().match(/^hit .*$/gm) ?? [];

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  await home.router.check('nft', ['-f', '-'], { input: steering(tablet.mac) });
});
afterAll(() => home.stop());

describe('while the network is on', () => {
  beforeAll(() => run());

  test('whoever is asked, it is that address which answers, and it says why', async () => {
    const local = await home.router.check('ip', [
      '-6',
      '-o',
      'addr',
      'show',
      'dev',
      'br-lan',
      'scope',
      'link',
    ]);
    const linkLocal = /fe80:[0-9a-f:]+/.exec(local)?.[0] ?? '';
    const servers = [lan.v4, lan.ula, `${linkLocal}%eth0`, '8.8.8.8', '2001:4860:4860::8888'];
    for (const server of servers) {
      for (const tcp of [false, true]) {
        const reply = await dig(tablet, 'www.tiktok.com', { server, tcp });
        expect(reply, `${server} ${tcp ? 'TCP' : 'UDP'}`).toMatchObject({
          status: 'NOERROR',
          answers: [{ type: 'A', ttl: 10, data: '0.0.0.0' }],
          ede: [{ code: 17, text: 'khien: service tiktok' }],
          // dig writes the zone as a number.
          server: expect.stringContaining(server.replace(/%.*/, '')),
        });
      }
    }
    expect(hits()).toHaveLength(10);
  });

  test('what is allowed comes from the resolver', async () => {
    for (const tcp of [false, true]) {
      const reply = await dig(tablet, 'vnexpress.net', { server: '8.8.8.8', tcp });
      expect(reply).toMatchObject({ answers: [{ data: home.internet.site('vnexpress.net').v4 }], ede: [] });
    }
  });

  test.each<[string, DigOptions, object]>([
    ['www.tiktok.com', { type: 'AAAA' }, { answers: [{ data: '::' }] }],
    [
      'www.tiktok.com',
      { type: 'HTTPS' },
      { status: 'NOERROR', answers: [], authority: [{ type: 'SOA', ttl: 10 }] },
    ],
    ['WWW.TikTok.COM', { edns: false }, { answers: [{ data: '0.0.0.0' }], ede: [] }],
    ['m.bet365.com', {}, { ede: [{ code: 17, text: 'khien: category gambling' }] }],
    ['use-application-dns.net', {}, { status: 'NXDOMAIN', answers: [] }],
    ['mask.icloud.com', { type: 'HTTPS' }, { status: 'NXDOMAIN', answers: [] }],
    ['_dns.resolver.arpa', { type: 'SVCB' }, { status: 'NOERROR', answers: [] }],
    ['khien.home.arpa', {}, { answers: [{ data: '172.31.53.80' }] }],
  ])('%s %o', async (name, options, expected) => {
    expect(await dig(tablet, name, { server: lan.v4, ...options })).toMatchObject(expected);
  });

  test('a device is recognised by an address it never used before', async () => {
    const address = 'fd50::dead:beef';
    await tablet.ip([`addr add ${address}/64 dev eth0 nodad`]);
    const before = hits().length;
    const { stdout } = await tablet.exec('dig', [
      '-b',
      address,
      `@${lan.ula}`,
      'm.tiktok.com',
      '+short',
      '+tries=1',
    ]);
    expect(stdout.trim()).toBe('0.0.0.0');
    expect(hits()).toHaveLength(before + 1);
  });

  test('an address that the router gets is answered at, and one that it loses is given up', async () => {
    await home.router.ip(['addr add 192.168.50.2/24 dev br-lan']);
    const asked = () => dig(tablet, 'www.tiktok.com', { server: '192.168.50.2', tcp: false, timeout: 1000 });
    await eventually('the new address answers', async () => (await asked()).status === 'NOERROR');
    await home.router.ip(['addr del 192.168.50.2/24 dev br-lan']);
    await eventually('its socket is closed', async () => {
      const sockets = await home.router.check('ss', ['-Hlun', 'sport', '=', '5453']);
      return !sockets.includes('192.168.50.2');
    });
    expect((await dig(tablet, 'www.tiktok.com', { server: lan.v4 })).status).toBe('NOERROR');
  });

  test('without a resolver it says so', async () => {
    await home.router.dnsmasq.stop();
    const reply = await dig(tablet, 'vnexpress.net', { server: lan.v4 });
    expect(reply).toMatchObject({ status: 'SERVFAIL', ede: [{ code: 23 }] });
    await home.router.dnsmasq.start();
    expect((await dig(tablet, 'vnexpress.net', { server: lan.v4 })).status).toBe('NOERROR');
  });
});

describe('while the network is off', () => {
  beforeAll(() => run('off'));
  beforeEach(() => expect(responder.running).toBe(true));

  test('names lead to the page for a moment, with the reason, and are not recorded', async () => {
    for (const name of ['vnexpress.net', 'www.tiktok.com']) {
      expect(await dig(tablet, name, { server: lan.v4 })).toMatchObject({
        answers: [{ ttl: 5, data: '172.31.53.80' }],
        ede: [{ code: 17, text: 'khien: pause' }],
      });
    }
    expect(hits()).toEqual([]);
  });

  test('help is resolved, and the way there is opened first', async () => {
    const site = home.internet.site('tongdai111.vn');
    expect((await dig(tablet, 'tongdai111.vn', { server: lan.v4 })).answers).toMatchObject([
      { data: site.v4 },
    ]);
    expect(responder.log()).toContain(`open ${site.v4}`);
    await dig(tablet, 'www.tongdai111.vn', { server: lan.v4, type: 'AAAA', tcp: true });
    expect(responder.log()).toContain(`open ${site.v6}`);
  });
});

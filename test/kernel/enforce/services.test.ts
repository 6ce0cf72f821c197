import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Household, idOf } from '../../../daemon/src/enforce/fixture/household.ts';
import { call, type Device, dig, download, eventually, request, VirtualHome } from '../../home/index.ts';
import { RouterServices } from './router-services.ts';

let home: VirtualHome;
let services: RouterServices;
let tablet: Device;
let laptop: Device;

/** TikTok is on a site of its own and on one that Facebook uses too; a study site shares one with Roblox. */
const sites = {
  'tiktok.com': 20,
  'tiktokcdn.com': 21,
  'facebook.com': 22,
  'fbcdn.net': 21,
  'roblox.com': 23,
  'shared-with-roblox.vn': 23,
  'hocmai.vn': 12,
  'tongdai111.vn': 40,
};
const catalogue = {
  'social/tiktok': ['tiktok.com', 'tiktokcdn.com'],
  'social/facebook': ['facebook.com', 'fbcdn.net'],
  'games/roblox': ['roblox.com'],
};
const both = ({ v4, v6 }: { v4: string; v6: string }) => [v4, v6];
const at = (name: keyof typeof sites) => both(home.internet.site(name));
const url = (address: string, path = '/') =>
  `http://${address.includes(':') ? `[${address}]` : address}${path}`;

function blocking(blockedServices: string[], more: Partial<Household> = {}): Household {
  return {
    children: { an: { blockedServices }, binh: {} },
    devices: { [tablet.mac]: 'an', [home.device('newphone').mac]: 'binh' },
    services: catalogue,
    ...more,
  };
}

/** Asks for names until their addresses are in the kernel. */
async function learned(device: Device, ...names: (keyof typeof sites)[]): Promise<void> {
  await eventually(
    `the addresses of ${names.join(', ')} are known`,
    async () => {
      for (const name of names) {
        for (const type of ['A', 'AAAA'] as const) await dig(device, name, { type });
      }
      const held = await knownToKernel();
      return names.every((name) => at(name).every((address) => held.includes(address)));
    },
    15_000,
  );
}

async function knownToKernel(): Promise<string> {
  const [four, six] = await Promise.all(
    ['services4', 'services6'].map((set) =>
      home.router.check('nft', ['list', 'set', 'inet', 'khien_services', set]),
    ),
  );
  return `${four}${six}`;
}

const reach = (address: string, device = tablet) => request(device, url(address), { timeout: 2000 });

beforeAll(async () => {
  home = await VirtualHome.start({ sites });
  tablet = home.device('tablet');
  laptop = home.device('laptop');
  services = await RouterServices.start(home);
  await services.apply(blocking([]));
  await learned(tablet, 'tiktok.com', 'tiktokcdn.com', 'facebook.com', 'fbcdn.net', 'roblox.com');
});
beforeEach(() => services.apply(blocking([])));
afterAll(() => home.stop());

describe('the address of a blocked service, typed', () => {
  test('is refused at once, by IPv4 and IPv6, TCP and UDP', async () => {
    await services.apply(blocking(['tiktok']));
    for (const address of at('tiktok.com')) {
      expect(await reach(address)).toEqual({ reached: false, error: 'ECONNREFUSED' });
      // What Linux makes of "administratively prohibited".
      expect(await udpError(tablet, address)).toMatch(/^(EHOSTUNREACH|EACCES)$/m);
    }
  });

  test('is reached by an unmanaged device, by another child, and when it is allowed again', async () => {
    await services.apply(blocking(['tiktok']));
    for (const address of at('tiktok.com')) {
      expect(await reach(address, laptop)).toMatchObject({ reached: true });
      expect(await reach(address, home.device('newphone'))).toMatchObject({ reached: true });
    }
    await services.apply(blocking([]));
    for (const address of at('tiktok.com')) expect(await reach(address)).toMatchObject({ reached: true });
  });

  test('is forgotten with the service', async () => {
    await services.apply(blocking(['tiktok'], { services: { 'games/roblox': ['roblox.com'] } }));
    for (const address of at('tiktok.com')) {
      expect(await knownToKernel()).not.toContain(address);
      expect(await reach(address)).toMatchObject({ reached: true });
    }
    await services.apply(blocking([]));
    await learned(tablet, 'tiktok.com', 'tiktokcdn.com', 'facebook.com', 'fbcdn.net');
  });

  test('stays open where it is of help too', async () => {
    const [address = '', address6 = ''] = at('tiktok.com');
    await services.apply(blocking(['tiktok'], { helpNames: ['tongdai111.vn'] }));
    await services.allowHelpAddresses([address, address6]);
    for (const each of [address, address6]) expect(await reach(each)).toMatchObject({ reached: true });
  });
});

describe('an address that others use', () => {
  test('is left to names while one of its services is allowed', async () => {
    await services.apply(blocking(['tiktok']));
    for (const address of at('tiktokcdn.com')) expect(await reach(address)).toMatchObject({ reached: true });
    await services.apply(blocking(['tiktok', 'facebook']));
    for (const address of at('tiktokcdn.com')) expect(await reach(address)).toMatchObject({ reached: false });
  });

  test('is left to names while what study needs is there', async () => {
    await services.kill();
    services = await RouterServices.start(home, { lookAhead: true });
    const allowing: Household = {
      ...blocking([]),
      children: { an: { blockedServices: ['roblox'] }, binh: { allowedNames: ['shared-with-roblox.vn'] } },
    };
    await services.apply(allowing);
    await eventually(
      'the address counts as shared',
      async () => {
        const known = await services.addresses();
        return at('roblox.com').every((address) => known[address] === 'roblox*');
      },
      15_000,
    );
    for (const address of at('roblox.com')) {
      await eventually('it is reached', async () => (await reach(address)).reached, 5000);
    }
  });
});

test('is known before anybody asks', async () => {
  await services.kill();
  await home.router.check('nft', ['flush', 'ruleset']);
  await home.router.loadFirewall();
  services = await RouterServices.start(home, { lookAhead: true });
  await services.apply(blocking(['tiktok']));
  for (const address of at('tiktok.com')) {
    await eventually('it is refused', async () => !(await reach(address)).reached, 15_000);
  }
});

describe('what runs when a service is blocked', () => {
  test('is cut: downloads and calls, by IPv4 and IPv6, and only with that service', async () => {
    await learned(tablet, 'tiktok.com', 'facebook.com');
    const start = (name: keyof typeof sites) =>
      at(name).flatMap((address) => [download(tablet, url(address, '/stream')), call(tablet, address, 3478)]);
    const cut = start('tiktok.com');
    const others = [...start('facebook.com'), ...start('hocmai.vn')];
    const neighbours = [download(laptop, url(at('tiktok.com')[0] ?? '', '/stream'))];
    const all = [...cut, ...others, ...neighbours];
    await eventually('all of them run', () => all.every((each) => each.flows()), 15_000);
    await services.apply(blocking(['tiktok']));
    await eventually('they have stopped', () => cut.every((each) => !each.flows(400)), 3000);
    await eventually(
      'the others go on',
      () => [...others, ...neighbours].every((each) => each.flows()),
      3000,
    );
    const entries = await home.router.check('cat', ['/proc/net/nf_conntrack']);
    expect(entries).not.toContain(`src=${tablet.address4} dst=${at('tiktok.com')[0]} sport`);
    await Promise.all(all.map((each) => each.stop()));
  });
});

describe('with the daemon killed', () => {
  test('addresses stay refused, names of allowed services resolve, and the next one takes all up', async () => {
    await services.apply(blocking(['tiktok']));
    await services.kill();
    for (const address of at('tiktok.com')) expect(await reach(address)).toMatchObject({ reached: false });
    await eventually(
      'names are answered by the resolver',
      async () => (await dig(tablet, 'facebook.com', { timeout: 1000 })).status === 'NOERROR',
      20_000,
    );
    const before = await home.router.check('nft', ['-a', '-t', 'list', 'table', 'inet', 'khien_services']);
    services = await RouterServices.start(home);
    await services.apply(blocking(['tiktok']));
    for (const address of at('tiktok.com')) expect(await reach(address)).toMatchObject({ reached: false });
    expect(Object.keys(await services.addresses())).toEqual(expect.arrayContaining(at('tiktok.com')));
    const after = await home.router.check('nft', ['-a', '-t', 'list', 'table', 'inet', 'khien_services']);
    const plain = (text: string) => text.replaceAll(/packets \d+ bytes \d+/g, '');
    expect(plain(after)).toBe(plain(before));
  });
});

describe('what is used', () => {
  /** Datagrams of so many bytes of payload, each echoed. */
  async function exchange(device: Device, address: string, count: number, payload: number): Promise<void> {
    const script = `
import socket, sys
address, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(3)
for _ in range(count):
    s.sendto(b'x' * size, (address, 7))
    s.recv(2000)`;
    await device.check('python3', ['-c', script, address, String(count), String(payload)]);
  }

  test('is counted to the byte, both ways, in all and by service', async () => {
    await learned(tablet, 'tiktok.com', 'roblox.com');
    await services.usage();
    const [tiktok4 = '', tiktok6 = ''] = at('tiktok.com');
    const [study4 = '', study6 = ''] = at('hocmai.vn');
    await exchange(tablet, tiktok4, 10, 100);
    await exchange(tablet, tiktok6, 5, 200);
    await exchange(tablet, study4, 3, 50);
    await exchange(tablet, study6, 2, 60);
    await exchange(laptop, tiktok4, 7, 100);
    const ofTiktok = { packets: 2 * 15, bytes: 2 * (10 * 128 + 5 * 248) };
    const ofStudy = { packets: 2 * 5, bytes: 2 * (3 * 78 + 2 * 108) };
    const usage = await services.usage();
    expect(usage.filter(({ mac }) => mac !== tablet.mac)).toEqual([]);
    expect(usage).toHaveLength(2);
    expect(usage.find(({ service }) => service === 'tiktok')).toMatchObject(ofTiktok);
    expect(usage.find(({ service }) => service === null)).toMatchObject({
      packets: ofTiktok.packets + ofStudy.packets,
      bytes: ofTiktok.bytes + ofStudy.bytes,
    });
    expect(await services.usage()).toEqual([]);
  });

  test('of an address with several services goes to the one that was asked for', async () => {
    const phone = home.device('newphone');
    await learned(tablet, 'tiktokcdn.com', 'fbcdn.net');
    await dig(phone, 'fbcdn.net');
    await services.usage();
    const [shared = ''] = at('fbcdn.net');
    await exchange(phone, shared, 4, 100);
    const usage = await services.usage();
    expect(usage.map(({ service }) => service).sort()).toEqual(['facebook', null]);
  });

  test('for help, and what is refused, is not', async () => {
    const [help = ''] = at('tongdai111.vn');
    const [tiktok = ''] = at('tiktok.com');
    await services.apply(blocking(['tiktok'], { helpNames: ['tongdai111.vn'] }));
    await services.allowHelpAddresses([help]);
    await services.usage();
    await exchange(tablet, help, 4, 100);
    await reach(tiktok);
    expect(await services.usage()).toEqual([]);
  });

  test('is not hidden behind thousands of addresses: what has no place among those that are counted goes nowhere', async () => {
    const [, address6 = ''] = at('hocmai.vn');
    const others = Array.from({ length: 4096 }, (_, index) => `2001:db8:50::1:${index.toString(16)}`);
    const fill = (what: 'add' | 'delete') =>
      home.router.check('nft', ['-f', '-'], {
        input: `${what} element inet khien_services local6 { ${others.join(', ')} }\n`,
      });
    await home.router.check('nft', ['flush', 'set', 'inet', 'khien_services', 'local6']);
    await fill('add');
    expect((await reach(address6)).reached).toBe(false);
    expect((await reach(address6, laptop)).reached).toBe(true);
    await fill('delete');
    expect((await reach(address6)).reached).toBe(true);
  });

  test('goes on after somebody flushed the rules', async () => {
    await services.usage();
    await home.router.check('nft', ['flush', 'ruleset']);
    await home.router.loadFirewall();
    await eventually('the table is there again', async () =>
      (await home.router.check('nft', ['list', 'tables'])).includes('khien_services'),
    );
    const [study = ''] = at('hocmai.vn');
    await eventually('it is counted', async () => {
      await exchange(tablet, study, 1, 100);
      return (await services.usage()).some(({ mac, bytes }) => mac === tablet.mac && bytes >= 2 * 128);
    });
  });
});

test('tries are told by service, once, but not those of applications that go on', async () => {
  await services.kill();
  services = await RouterServices.start(home);
  await services.apply(blocking(['tiktok']));
  await services.attempts();
  const [address = ''] = at('tiktok.com');
  await reach(address);
  expect(await services.attempts()).toEqual([
    { mac: tablet.mac, method: 'direct-address', service: 'tiktok', ago: 0 },
  ]);
  expect(await services.attempts()).toEqual([]);
  await services.apply(blocking(['tiktok', 'facebook']));
  for (const each of at('facebook.com')) await reach(each);
  expect(await services.attempts()).toEqual([]);
});

test('nft prints the table', async () => {
  const text = await home.router.check('nft', ['list', 'table', 'inet', 'khien_services']);
  expect(text).toContain(`vmap @devices`);
  expect(text).toContain(`ip daddr @refused4_${idOf('an')} goto refuse4`);
});

/** What a datagram to port 443 comes back with: the error that the kernel tells the socket. */
function udpError(device: Device, address: string): Promise<string> {
  const script = `
import errno, socket, sys
address = sys.argv[1]
s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(3)
s.connect((address, 443))
try:
    s.send(b'x' * 1200)
    s.recv(2000)
    print('answered')
except OSError as error:
    print(errno.errorcode.get(error.errno, error))`;
  return device.check('python3', ['-c', script, address]);
}

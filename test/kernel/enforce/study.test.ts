import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Household, idOf } from '../../../daemon/src/enforce/fixture/household.ts';
import { call, type Device, dig, download, eventually, request, VirtualHome } from '../../home/index.ts';
import { RouterServices } from './router-services.ts';

let home: VirtualHome;
let services: RouterServices;
let tablet: Device;
let phone: Device;
let laptop: Device;

/** Of no service that the policy speaks of: news and games; what study needs; what a parent allows besides. */
const sites = {
  'news.example': 30,
  'games.example': 31,
  'hocmai.vn': 12,
  'math.hocmai.vn': 32,
  'olm.vn': 33,
  'chess.example': 34,
  'tongdai111.vn': 40,
  'captive.apple.com': 35,
  'ocsp.digicert.com': 36,
};
type Site = keyof typeof sites;
const at = (name: Site): string[] => {
  const { v4, v6 } = home.internet.site(name);
  return [v4, v6];
};
const url = (address: string, path = '/') =>
  `http://${address.includes(':') ? `[${address}]` : address}${path}`;
const reach = (address: string, device = tablet) => request(device, url(address), { timeout: 2000 });

function family(an: 'studies' | 'is free', more: Partial<Household> = {}): Household {
  return {
    children: {
      an: { allowedNames: ['chess.example'], learning: an === 'studies' ? { since: 0, until: null } : null },
      binh: {},
    },
    devices: { [tablet.mac]: 'an', [phone.mac]: 'binh' },
    learningNames: ['hocmai.vn', 'olm.vn', 'ocsp.digicert.com'],
    helpNames: ['tongdai111.vn'],
    ...more,
  };
}
const studies = (more: Partial<Household> = {}) => services.apply(family('studies', more));
const isFree = () => services.apply(family('is free'));

/** What nobody has learned yet, in the kernel and in the daemon. */
async function startAnew(): Promise<void> {
  await services.kill();
  await home.router.check('nft', ['flush', 'ruleset']);
  await home.router.loadFirewall();
  services = await RouterServices.start(home);
}

const openTo = async (child: string, version: 4 | 6): Promise<string> =>
  home.router.check('nft', ['list', 'set', 'inet', 'khien_services', `study${version}_${idOf(child)}`]);

beforeAll(async () => {
  home = await VirtualHome.start({ sites });
  tablet = home.device('tablet');
  phone = home.device('newphone');
  laptop = home.device('laptop');
  services = await RouterServices.start(home);
  await isFree();
});
afterAll(() => home.stop());

describe('in study mode, an address that was typed', () => {
  beforeEach(() => studies());

  test('is refused at once, by IPv4 and IPv6, TCP and UDP, and to nobody else', async () => {
    for (const address of at('news.example')) {
      expect(await reach(address)).toEqual({ reached: false, error: 'ECONNREFUSED' });
      // What Linux makes of "administratively prohibited".
      expect(await udpError(tablet, address)).toMatch(/^(EHOSTUNREACH|EACCES)$/m);
      for (const other of [laptop, phone]) {
        expect(await reach(address, other)).toMatchObject({ reached: true });
        expect(await udpError(other, address)).toBe('answered\n');
      }
    }
  });

  test('is refused where the name was answered before that began, or by another resolver', async () => {
    await isFree();
    expect(await request(tablet, 'http://news.example/')).toMatchObject({ reached: true });
    await studies();
    for (const address of at('news.example')) expect((await reach(address)).reached).toBe(false);
  });

  test('is reached again when it ends', async () => {
    await isFree();
    for (const address of at('news.example')) {
      expect(await reach(address)).toMatchObject({ reached: true });
      expect(await udpError(tablet, address)).toBe('answered\n');
    }
  });
});

describe('in study mode, what study needs', () => {
  beforeEach(async () => {
    await startAnew();
    await studies();
  });

  test('is reached from the first answer on, and not before, by IPv4 and IPv6, TCP and UDP', async () => {
    for (const [type, index] of [
      ['A', 0],
      ['AAAA', 1],
    ] as const) {
      for (const name of ['math.hocmai.vn', 'olm.vn', 'chess.example'] as const) {
        const address = at(name)[index] ?? '';
        expect(await reach(address), name).toEqual({ reached: false, error: 'ECONNREFUSED' });
        expect(await resolveAndConnect(tablet, name, type)).toBe(`${address} connected\n`);
        expect(await udpError(tablet, address)).toBe('answered\n');
      }
    }
    expect(await openTo('an', 4)).toContain('comment "hocmai.vn"');
    expect(await openTo('an', 6)).toContain('comment "chess.example"');
    expect(await openTo('binh', 4)).not.toContain('chess.example');
  });

  test('is open when that begins, if it was asked for before', async () => {
    await isFree();
    await eventually('it is learned', async () => {
      await dig(tablet, 'hocmai.vn');
      return (await openTo('an', 4)).includes('hocmai.vn');
    });
    await studies();
    expect(await reach(at('hocmai.vn')[0] ?? '')).toMatchObject({ reached: true });
  });

  test('is closed when it is not of that any more', async () => {
    await resolveAndConnect(tablet, 'olm.vn', 'A');
    const [address = ''] = at('olm.vn');
    const running = download(tablet, url(address, '/stream'));
    await eventually('it runs', () => running.flows());
    await studies({ learningNames: ['hocmai.vn'] });
    expect((await reach(address)).reached).toBe(false);
    await eventually('it has stopped', () => !running.flows(400), 5000);
    await running.stop();
  });

  test('includes help, whoever asks for it first', async () => {
    expect(await request(tablet, 'http://tongdai111.vn/')).toMatchObject({ reached: true });
    for (const address of at('tongdai111.vn')) expect(await reach(address)).toMatchObject({ reached: true });
  });

  test('includes whether there is a network and whether certificates hold, by HTTP alone', async () => {
    for (const name of ['captive.apple.com', 'ocsp.digicert.com'] as const) {
      expect(await request(tablet, `http://${name}/`), name).toMatchObject({ reached: true });
      const [address = ''] = at(name);
      expect(await request(tablet, `https://${address}/`, { timeout: 2000 })).toMatchObject({
        error: 'ECONNREFUSED',
      });
      expect(await udpError(tablet, address)).toMatch(/^(EHOSTUNREACH|EACCES)$/m);
    }
  });

  test('is there again after somebody flushed the rules', async () => {
    await resolveAndConnect(tablet, 'olm.vn', 'A');
    await home.router.check('nft', ['flush', 'ruleset']);
    await home.router.loadFirewall();
    await eventually('other addresses are refused', async () => {
      const { reached } = await reach(at('news.example')[0] ?? '');
      return !reached;
    });
    expect(await reach(at('olm.vn')[0] ?? '')).toMatchObject({ reached: true });
  });
});

describe('what runs when study mode begins', () => {
  test('is cut, by IPv4 and IPv6, TCP and UDP, but for study and for others', async () => {
    await isFree();
    await eventually('what study needs is learned', async () => {
      for (const type of ['A', 'AAAA'] as const) await dig(tablet, 'hocmai.vn', { type });
      const held = `${await openTo('an', 4)}${await openTo('an', 6)}`;
      return at('hocmai.vn').every((address) => held.includes(address));
    });
    const start = (name: Site, device = tablet) =>
      at(name).flatMap((address) => [download(device, url(address, '/stream')), call(device, address, 443)]);
    const cut = start('news.example');
    const study = start('hocmai.vn');
    const others = [...start('news.example', laptop), ...start('news.example', phone)];
    const all = [...cut, ...study, ...others];
    await eventually('all of them run', () => all.every((each) => each.flows()), 20_000);
    await studies();
    await eventually('they have stopped', () => cut.every((each) => !each.flows(400)), 5000);
    await eventually('the others go on', () => [...study, ...others].every((each) => each.flows()), 5000);
    // The calls go on sending, and conntrack would take up what it finds in the middle.
    const entries = await home.router.check('cat', ['/proc/net/nf_conntrack']);
    expect(entries).not.toContain(`src=${tablet.address4} dst=${at('news.example')[0]} sport`);
    expect(entries).toContain(`src=${tablet.address4} dst=${at('hocmai.vn')[0]} sport`);
    await Promise.all(all.map((each) => each.stop()));
  });
});

describe('with the daemon killed in study mode', () => {
  beforeAll(async () => {
    await startAnew();
    await studies();
    await resolveAndConnect(tablet, 'hocmai.vn', 'A');
    await resolveAndConnect(tablet, 'hocmai.vn', 'AAAA');
    await resolveAndConnect(tablet, 'chess.example', 'A');
    await services.kill();
  });

  test('what was open stays so, also by its name; all else is closed, what study needs included', async () => {
    await eventually(
      'the resolver answers names of study',
      async () => (await dig(tablet, 'olm.vn', { timeout: 1000 })).status === 'NOERROR',
      20_000,
    );
    for (const address of at('hocmai.vn')) expect(await reach(address)).toMatchObject({ reached: true });
    expect(await request(tablet, 'http://hocmai.vn/')).toMatchObject({ reached: true });
    for (const name of ['olm.vn', 'news.example'] as const) {
      for (const address of at(name)) expect((await reach(address)).reached, name).toBe(false);
    }
    expect(await reach(at('news.example')[0] ?? '', phone)).toMatchObject({ reached: true });
  });

  test('what is used stays open, what is not ends by itself', async () => {
    const [used = '', idle = ''] = [at('hocmai.vn')[0], at('chess.example')[0]];
    const set = `study4_${idOf('an')}`;
    const left = async (address: string): Promise<string | undefined> =>
      (await openTo('an', 4)).match(new RegExp(`${address}[^,]*expires (\\S+)`))?.[1];
    await home.router.check('nft', [
      'delete',
      'element',
      'inet',
      'khien_services',
      set,
      `{ ${used}, ${idle} }`,
    ]);
    for (const address of [used, idle]) {
      await home.router.check('nft', [
        ...['add', 'element', 'inet', 'khien_services', set],
        `{ ${address} timeout 8s }`,
      ]);
    }
    expect(await reach(used)).toMatchObject({ reached: true });
    expect(await left(used)).toMatch(/^(6h|5h59m)/);
    // To try it would renew it.
    await eventually('the other has ended', async () => (await left(idle)) === undefined, 20_000);
    expect((await reach(idle)).reached).toBe(false);
    expect(await reach(used)).toMatchObject({ reached: true });
  });

  test('the next one takes up what is open', async () => {
    services = await RouterServices.start(home);
    await studies();
    for (const address of at('hocmai.vn')) expect(await reach(address)).toMatchObject({ reached: true });
    expect((await reach(at('olm.vn')[0] ?? '')).reached).toBe(false);
    expect(await resolveAndConnect(tablet, 'olm.vn', 'A')).toBe(`${at('olm.vn')[0]} connected\n`);
  });

  test('and tells of tries, without saying where', async () => {
    await services.attempts();
    await reach(at('games.example')[0] ?? '');
    expect(await services.attempts()).toEqual([{ mac: tablet.mac, method: 'direct-address', ago: 0 }]);
    expect(await services.attempts()).toEqual([]);
  });
});

test('where it would begin while the daemon is dead, all but help is closed at that time', async () => {
  const ends = Date.now() + 5000;
  await services.apply({
    ...family('studies'),
    children: { an: { learning: { since: 0, until: null }, grant: { since: 0, until: ends } }, binh: {} },
  });
  const [news = '', study = ''] = [at('news.example')[0], at('hocmai.vn')[0]];
  expect(await reach(news)).toMatchObject({ reached: true });
  // As the daemon has looked it up.
  await services.allowHelpAddresses(at('tongdai111.vn'));
  await services.kill();
  await eventually('it is closed', async () => !(await reach(news)).reached, 15_000);
  expect(Date.now()).toBeGreaterThanOrEqual(ends - 2000);
  expect((await reach(study)).reached).toBe(false);
  expect(await reach(at('tongdai111.vn')[0] ?? '')).toMatchObject({ reached: true });
  services = await RouterServices.start(home);
});

test('nft prints the rules', async () => {
  await studies();
  const text = await home.router.check('nft', ['-s', 'list', 'table', 'inet', 'khien_services']);
  const [an, binh] = [idOf('an'), idOf('binh')];
  expect(text).toContain(`ip daddr @study4_${an} update @study4_${an} { ip daddr timeout 6h } goto served`);
  expect(text).not.toContain(`daddr @study4_${binh}`);
});

/** Asks for one address of a name and connects to it at once, as a program does. */
function resolveAndConnect(device: Device, name: string, type: 'A' | 'AAAA'): Promise<string> {
  const script = `
import socket, sys
family = socket.AF_INET if sys.argv[2] == 'A' else socket.AF_INET6
address = socket.getaddrinfo(sys.argv[1], 80, family, socket.SOCK_STREAM)[0][4]
s = socket.socket(family, socket.SOCK_STREAM)
s.settimeout(3)
try:
    s.connect(address)
    print(address[0], 'connected')
except OSError as error:
    print(address[0], error)`;
  return device.check('python3', ['-c', script, name, type]);
}

/** What a datagram to port 443 comes back with: an echo, or the error that the kernel tells the socket. */
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

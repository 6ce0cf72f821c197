import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import { PORTAL_ADDRESS } from '../../../daemon/src/layout.ts';
import { lan } from '../../home/addresses.ts';
import { Dnsmasq } from '../../home/dnsmasq.ts';
import { type Device, type DigReply, dig, eventually, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

/** A rule of the user's that leads all queries of the home to a resolver of their own, as many have for a Pi-hole. */
let home: VirtualHome;
let enforcer: RouterEnforcer;
let tablet: Device;
let stranger: Device;
/** The user's own resolver. */
let laptop: Device;
let linkLocal: string;
let free: Household;

const blocked = 'www.tiktok.com';
const allowed = 'hocmai.vn';
const help = 'tongdai111.vn';
/** What the user's resolver says of every name. */
const theirs = ['192.0.2.77', '2001:db8:f::77'];

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  stranger = home.device('newphone');
  laptop = home.device('laptop');
  free = {
    children: { an: { blockedNames: ['tiktok.com'] } },
    devices: { [tablet.mac]: 'an' },
    helpNames: [help],
    known: [laptop.mac],
    newDevices: 'allow',
  };
  const addresses = await home.router.check('ip', '-6 -o addr show dev br-lan scope link'.split(' '));
  linkLocal = `${/fe80:[0-9a-f:]+/.exec(addresses)?.[0] ?? ''}%eth0`;
  const always = theirs.map((address) => `address=/#/${address}`);
  await new Dnsmasq(laptop, always).start();
  enforcer = await RouterEnforcer.start(home, '', 'daemon');
  await enforcer.apply(free);
});
afterAll(() => home.stop());

const isTheirs = ({ answers }: DigReply) => answers.some(({ data }) => theirs.includes(data));

/** Asks whoever may be asked, over UDP and TCP. */
function askAll(device: Device, name: string): Promise<[asked: string, DigReply][]> {
  const servers = [
    lan.v4,
    lan.ula,
    lan.delegated,
    linkLocal,
    PORTAL_ADDRESS,
    '8.8.8.8',
    '2001:4860:4860::8888',
  ];
  const ways = servers.flatMap((server) => [false, true].map((tcp) => ({ server, tcp })));
  return Promise.all(
    ways.map(async (way) => [`${way.server} ${way.tcp ? 'TCP' : 'UDP'}`, await dig(device, name, way)]),
  );
}

async function expectEach(device: Device, name: string, address: string): Promise<void> {
  for (const [asked, reply] of await askAll(device, name)) {
    expect(reply.answers, `${name} of ${asked}`).toMatchObject([{ data: address }]);
    // dig writes the zone as a number.
    expect(reply.server).toContain(asked.replace(/[% ].*/, ''));
  }
}

async function expectNoneOfTheirs(device: Device): Promise<void> {
  for (const name of [blocked, allowed]) {
    for (const [asked, reply] of await askAll(device, name)) {
      expect(reply.answers, `${name} of ${asked}`).toEqual([]);
    }
  }
}

/** Loads the user's table, anew where it is there: its chains are then the last that were registered. */
async function loadTheirs(priority: string): Promise<void> {
  const input = `table inet theirs
  delete table inet theirs
  table inet theirs {
    chain dstnat {
      type nat hook prerouting priority ${priority}
      iifname "br-lan" meta l4proto { udp, tcp } th dport 53 ip saddr != ${laptop.address4} dnat ip to ${laptop.address4}
      iifname "br-lan" meta l4proto { udp, tcp } th dport 53 ip6 saddr != ${laptop.ula} dnat ip6 to ${laptop.ula}
    }
    chain srcnat {
      type nat hook postrouting priority srcnat
      oifname "br-lan" meta l4proto { udp, tcp } th dport 53 masquerade
    }
  }`;
  await home.router.check('nft', ['-f', '-'], { input });
}

async function deleteTheirs(): Promise<void> {
  await home.router.check('nft', ['delete', 'table', 'inet', 'theirs']);
}

/** Has the enforcer make its tables anew, so that their chains are the last that were registered. */
async function remakeOurs(): Promise<void> {
  await home.router.check('nft', ['delete', 'table', 'inet', 'khien']);
  const isThere = async () =>
    (await home.router.exec('nft', ['list', 'chain', 'inet', 'khien', 'dstnat'])).code === 0;
  await eventually('our table is back', isThere);
  await enforcer.loaded();
}

describe.each([
  ['before ours', () => loadTheirs('dstnat').then(remakeOurs)],
  ['after ours', () => loadTheirs('dstnat')],
])('a foreign redirection of all queries that was registered %s', (_, register) => {
  const apply = (household: Household) => enforcer.apply(household).then(register);
  afterAll(deleteTheirs);

  test('holds for everybody else, as before', async () => {
    await apply(free);
    for (const server of [lan.v4, lan.ula, '8.8.8.8']) {
      expect(isTheirs(await dig(stranger, blocked, { server })), server).toBe(true);
    }
  });

  test('lets a child’s device have the answers that it shall have, from whomever it asked', async () => {
    await apply(free);
    await expectEach(tablet, blocked, '0.0.0.0');
    await expectEach(tablet, allowed, home.internet.site(allowed).v4);
    await expectEach(tablet, help, home.internet.site(help).v4);
  });

  test('gets no name past a pause, and help resolves', async () => {
    await apply({ ...free, children: { an: { pause: { since: 0, until: null } } } });
    await expectEach(tablet, allowed, PORTAL_ADDRESS);
    await expectEach(tablet, help, home.internet.site(help).v4);
  });

  test('gets no name past a quarantine, and help resolves', async () => {
    await apply({ ...free, newDevices: 'quarantine' });
    await expectEach(stranger, allowed, PORTAL_ADDRESS);
    await expectEach(stranger, help, home.internet.site(help).v4);
  });
});

describe('one that comes before ours by its priority', () => {
  beforeAll(() => loadTheirs('dstnat - 50'));
  afterAll(deleteTheirs);

  test('leads children’s devices and strangers in quarantine nowhere', async () => {
    await enforcer.apply({ ...free, newDevices: 'quarantine' });
    expect(isTheirs(await dig(laptop, blocked, { server: '127.0.0.1' }))).toBe(true);
    await expectNoneOfTheirs(tablet);
    await expectNoneOfTheirs(stranger);
    await enforcer.apply({ ...free, children: { an: { pause: { since: 0, until: null } } } });
    await expectNoneOfTheirs(tablet);
  });
});

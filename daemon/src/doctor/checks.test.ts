import { KhienError } from '@khien/shared/error';
import type { InterfaceAddress, Link, TableInfo } from 'node-nftables';
import { describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../config.ts';
import type { Status } from '../status.ts';
import { checkClock } from './clock.ts';
import { checkCloud, checkEdge } from './cloud.ts';
import { checkConfiguration } from './configuration.ts';
import { checkDaemon, checkEnforcement } from './daemon.ts';
import { ok, printFindings, problem, skipped } from './finding.ts';
import { checkKernel, checkTables, holdsAll } from './kernel.ts';
import { checkLan } from './lan.ts';
import { checkPolicy } from './policy.ts';
import { checkPorts, type Listener } from './ports.ts';
import { checkResolver } from './resolver.ts';
import { checkLeases, checkLists, checkOutbox, checkStateFolder } from './storage.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const status: Status = {
  version: '0.1.0',
  pid: 42,
  startedAt: NOW,
  timeSource: 'ntp',
  cloud: { enrolled: true, connected: true, claimCode: null, damage: null, waiting: 3 },
  inForce: { policy: 5, contacts: 2, lists: 1 },
  enforcement: 'enforcing',
  lan: { ports: ['lan1'], devices: 3, managed: 2, withoutLease: 0 },
  quarantined: [],
  provisional: [],
  names: 1500,
  lists: null,
  children: [],
  counters: {},
  rssBytes: 60e6,
};

/** An error as Node's system calls make it. */
function failure(code: string, message = `it failed: ${code}`): Error {
  return Object.assign(new Error(message), { code });
}

describe('the configuration', () => {
  const config: Config = configSchema.parse({ cloud: { url: 'https://khien.example' } });

  it('is told with the file and the cloud', () => {
    const { finding } = checkConfiguration('/etc/khien/config.json', () => config);
    expect(finding).toEqual(ok('configuration', '/etc/khien/config.json, cloud https://khien.example'));
  });

  it('is a problem with the words of what is wrong', () => {
    const { finding, config: none } = checkConfiguration('/x', () => {
      throw new KhienError('CONFIG_INVALID', '/x: lan.interface: expected a string');
    });
    expect(finding).toMatchObject({ state: 'problem', found: '/x: lan.interface: expected a string' });
    expect(none).toBeUndefined();
  });
});

describe('the state folder', () => {
  const space = (free: number) => () => Promise.resolve({ free, total: 8e6 });
  const tryWrite = () => Promise.resolve();

  it('is told with its room', async () => {
    const finding = await checkStateFolder('/etc/khien', { tryWrite, space: space(5e6) });
    expect(finding).toEqual(ok('state folder', '/etc/khien, 5.0 MB free of 8.0 MB'));
  });

  it.each([
    ['full', { tryWrite, space: space(100_000) }, /0\.1 MB free/],
    ['missing', { tryWrite, space: () => Promise.reject(failure('ENOENT')) }, /is not there/],
    ['read-only', { tryWrite: () => Promise.reject(failure('EROFS')), space: space(5e6) }, /EROFS/],
    ['full for writing', { tryWrite: () => Promise.reject(failure('ENOSPC')), space: space(5e6) }, /ENOSPC/],
  ])('is a problem where it is %s', async (_, access, found) => {
    const finding = await checkStateFolder('/etc/khien', access);
    expect(finding).toMatchObject({ state: 'problem', found: expect.stringMatching(found) });
    expect(finding.todo).toBeTruthy();
  });
});

describe('what is stored', () => {
  it('counts leases, and names no device', () => {
    const text = '1700000000 02:00:00:00:00:0a 192.168.1.10 An-tablet *\nduid 00:01\n';
    expect(checkLeases('/tmp/dhcp.leases', text)).toEqual(ok('DHCP leases', '/tmp/dhcp.leases, 1 devices'));
    expect(checkLeases('/tmp/dhcp.leases', undefined).state).toBe('problem');
  });

  it.each([
    [0, undefined, 0, 'ok', '0.0 MB on flash'],
    [2e6, 12, 0, 'ok', '12 events wait, 2.0 MB on flash'],
    [2e6, 12, 1, 'ok', '12 events wait, 2.0 MB on flash; 1 damaged ones set aside'],
    [2e6, 9000, 0, 'problem', '9000 events wait, 2.0 MB on flash'],
  ] as const)('tells an outbox of %i bytes, %o waiting', (bytes, waiting, aside, state, found) => {
    expect(checkOutbox(bytes, waiting, aside)).toMatchObject({ state, found });
  });

  it('tells lists that cannot be used', async () => {
    const open = () => Promise.resolve({ revision: 'f00dfeedf00dfeed' });
    expect(await checkLists('/x.khl', open)).toEqual(ok('lists', '/x.khl, revision f00dfeedf00d'));
    const corrupt = () => Promise.reject(new KhienError('LIST_CORRUPT', 'not a compiled list'));
    expect(await checkLists('/x.khl', corrupt)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('LIST_CORRUPT'),
    });
  });

  it.each([
    [5, 5, 'ok', /5 is in force and stored/],
    [5, undefined, 'ok', /5 is stored/],
    [4, 5, 'problem', /5 is in force, version 4 is stored/],
    [5, 4, 'problem', /4 is in force, version 5 is stored/],
    [5, 0, 'problem', /0 is in force/],
    [undefined, 5, 'problem', /a reboot without the cloud would lose it/],
    [undefined, 0, 'problem', /none has come yet/],
    [undefined, undefined, 'problem', /none has come yet/],
    ['DOCUMENT_BAD_SIGNATURE', 5, 'problem', /DOCUMENT_BAD_SIGNATURE/],
  ] as const)('compares the stored policy %o with %o in force', (stored, inForce, state, found) => {
    expect(checkPolicy(stored, inForce)).toMatchObject({ state, found: expect.stringMatching(found) });
  });
});

describe('the clock', () => {
  it.each([
    [NOW, true, 'ok', '2026-11-21T12:00:00Z, set by NTP'],
    [NOW, undefined, 'ok', '2026-11-21T12:00:00Z'],
    [NOW, false, 'problem', '2026-11-21T12:00:00Z, not set by NTP since the start'],
    [0, true, 'problem', '1970-01-01T00:00:00Z cannot be right'],
    [Date.UTC(2100, 0), true, 'problem', '2100-01-01T00:00:00Z cannot be right'],
  ] as const)('at %i, set by NTP: %o', (now, synchronised, state, found) => {
    expect(checkClock(now, synchronised)).toMatchObject({ state, found });
  });
});

describe('the daemon', () => {
  it('is told with its process', () => {
    expect(checkDaemon({ pid: 42, status })).toEqual(
      ok('daemon', 'khiend 0.1.0, process 42, since 2026-11-21T12:00:00Z, 60 MB'),
    );
  });

  it('does not run, or does not answer', () => {
    expect(checkDaemon({ pid: undefined, status: 'NOT_RUNNING' })).toMatchObject({ state: 'problem' });
    expect(checkDaemon({ pid: 42, status: 'NO_ANSWER' })).toMatchObject({
      state: 'problem',
      found: expect.stringMatching(/process 42 .*NO_ANSWER/),
    });
  });

  it('enforces, or says what hinders it', () => {
    expect(checkEnforcement({ pid: 42, status })?.state).toBe('ok');
    const hindered = { pid: 42, status: { ...status, enforcement: 'ENFORCE_REFUSED' } };
    expect(checkEnforcement(hindered)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('ENFORCE_REFUSED'),
    });
    expect(checkEnforcement({ pid: undefined, status: 'NOT_RUNNING' })).toBeUndefined();
  });
});

describe('the LAN', () => {
  const link = (index: number, name: string, more: Partial<Link> = {}): Link => ({
    index,
    name,
    mac: '02:00:00:00:ff:01',
    master: undefined,
    kind: undefined,
    up: true,
    running: true,
    ...more,
  });
  const links = [link(1, 'lo'), link(2, 'wan'), link(3, 'br-lan'), link(4, 'lan1', { master: 3 })];
  const address = (text: string): InterfaceAddress => ({
    interfaceIndex: 3,
    address: text,
    prefixLength: 24,
    scope: 'global',
  });

  it('is told with its ports and addresses', () => {
    expect(checkLan('br-lan', links, [address('192.168.1.1')])).toEqual(
      ok('LAN', 'br-lan, ports lan1, addresses 192.168.1.1'),
    );
  });

  it.each([
    ['has another name', 'br0', links, [address('192.168.1.1')], /no interface br0, but wan br-lan lan1/],
    ['is switched off', 'br-lan', [link(3, 'br-lan', { up: false })], [], /switched off/],
    ['has no address', 'br-lan', links, [], /addresses none/],
    ['has no IPv4', 'br-lan', links, [address('fd00::1')], /addresses fd00::1/],
  ])('is a problem where it %s', (_, name, there, addresses, found) => {
    expect(checkLan(name, there, addresses)).toMatchObject({
      state: 'problem',
      found: expect.stringMatching(found),
    });
  });
});

describe('the kernel', () => {
  const table = (family: TableInfo['family'], name: string, flags: TableInfo['flags'] = []): TableInfo => ({
    family,
    name,
    flags,
    handle: 1,
    use: 1,
    comment: undefined,
  });
  const all = [
    table('inet', 'khien_dns'),
    table('inet', 'khien'),
    table('inet', 'khien_services'),
    table('netdev', 'khien'),
  ];

  it('holds all its tables, whoever else has some', () => {
    expect(checkTables([...all, table('inet', 'fw4')], true).state).toBe('ok');
    expect(holdsAll(all)).toBe(true);
  });

  it('lacks those that are not there, also where the name is taken in another family', () => {
    const some = [all[0], all[1], all[2], table('ip', 'khien')].flatMap((one) => one ?? []);
    expect(holdsAll(some)).toBe(false);
    expect(checkTables(some, true)).toMatchObject({
      state: 'problem',
      found: 'not in the kernel: netdev khien',
    });
    expect(checkTables([], false).todo).toMatch(/nothing is enforced now/);
  });

  it('does not enforce with tables that somebody has switched off', () => {
    expect(checkTables([...all.slice(1), table('inet', 'khien_dns', ['dormant'])], true)).toMatchObject({
      state: 'problem',
      found: 'switched off: khien_dns',
    });
  });

  it('can do what is needed, or is told with the module to install', () => {
    expect(checkKernel('6.6.1', undefined, undefined).state).toBe('ok');
    expect(checkKernel('6.6.1', failure('EOPNOTSUPP', 'add chain: EOPNOTSUPP'), undefined)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('add chain: EOPNOTSUPP'),
      todo: expect.stringContaining('kmod-nft-netdev'),
    });
    expect(checkKernel('6.6.1', undefined, failure('EINVAL')).todo).toContain('conntrack-netlink');
  });
});

describe('the ports', () => {
  const listener = (protocol: 'udp' | 'tcp', port: number, pid?: number, name = 'node'): Listener => ({
    protocol,
    port,
    owner: pid === undefined ? undefined : { pid, name },
  });
  const dnsmasq = listener('udp', 53, 7, 'dnsmasq');
  const ours = [listener('udp', 5453, 42), listener('tcp', 5455, 42), listener('tcp', 5480, 42)];
  const states = (listeners: Listener[], daemon: number | undefined) =>
    checkPorts(listeners, daemon).map(({ state, found }) => [state, found]);

  it('are held by dnsmasq and by us', () => {
    expect(states([dnsmasq, ...ours, listener('udp', 5453, 42)], 42)).toEqual([
      ['ok', 'dnsmasq (process 7)'],
      ['ok', 'khiend, answers to blocked names'],
      ['ok', 'khiend, names over TCP'],
      ['ok', "khiend, the child's page"],
    ]);
  });

  it('are free while the daemon does not run', () => {
    expect(states([dnsmasq], undefined).map(([state]) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(states([dnsmasq], 42).map(([state]) => state)).toEqual(['ok', 'problem', 'problem', 'problem']);
  });

  it('are taken by somebody else', () => {
    const thief = listener('udp', 5453, 9, 'mdnsd');
    for (const daemon of [undefined, 42]) {
      expect(states([dnsmasq, thief, ...ours.slice(1)], daemon)[1]).toEqual([
        'problem',
        'taken by mdnsd (process 9)',
      ]);
    }
    // The same number of the other protocol is nobody's business.
    expect(states([dnsmasq, ...ours, listener('tcp', 5453, 9)], 42)[1]?.[0]).toBe('ok');
    expect(states([dnsmasq, listener('udp', 5453)], undefined)[1]?.[1]).toBe('taken by an unknown process');
  });

  it('lack a resolver', () => {
    expect(states([...ours, listener('tcp', 53, 7)], 42)[0]).toEqual(['problem', 'nobody listens']);
  });
});

describe('the resolver', () => {
  const at = { address: '127.0.0.1', port: 53 };

  it('knows our page', async () => {
    const finding = await checkResolver(at, () => Promise.resolve(['172.31.53.80']));
    expect(finding).toEqual(ok('resolver', '127.0.0.1:53 says 172.31.53.80 for khien.home.arpa'));
  });

  it.each([
    ['ETIMEOUT', /does not answer/, /dnsmasq restart$/],
    ['ECONNREFUSED', /does not answer/, /^start it/],
    ['ENOTFOUND', /does not know/, /khien\.conf/],
    ['EREFUSED', /does not know/, /khien\.conf/],
  ])('answers with %s', async (code, found, todo) => {
    const finding = await checkResolver({ address: '::1', port: 5353 }, () => Promise.reject(failure(code)));
    expect(finding).toMatchObject({ state: 'problem', found: expect.stringMatching(found) });
    expect(finding.found).toContain('[::1]:5353');
    expect(finding.todo).toMatch(todo);
  });

  it('leads to another page', async () => {
    const finding = await checkResolver(at, () => Promise.resolve(['192.168.1.1']));
    expect(finding).toMatchObject({ state: 'problem', found: expect.stringContaining('not 172.31.53.80') });
  });
});

describe('the cloud', () => {
  const pem = () => 'PEM';

  it('is reached where and as the configuration says', async () => {
    const asked: unknown[] = [];
    const reach = (endpoint: unknown) => {
      asked.push(endpoint);
      return Promise.resolve();
    };
    expect((await checkCloud('https://khien.example', pem, reach)).state).toBe('ok');
    await checkCloud('https://[2001:db8::1]:8443/api', () => undefined, reach);
    await checkCloud('http://127.0.0.1:8080', pem, reach);
    await checkEdge('mqtts://khien.example', { ca: 'PEM' }, undefined, reach);
    expect(asked).toEqual([
      { host: 'khien.example', port: 443, tls: { ca: 'PEM' } },
      { host: '2001:db8::1', port: 8443, tls: { ca: undefined } },
      { host: '127.0.0.1', port: 8080, tls: undefined },
      { host: 'khien.example', port: 8883, tls: { ca: 'PEM' } },
    ]);
  });

  it.each([
    ['ENOTFOUND', /does not resolve/],
    ['ECONNREFUSED', /nobody answers/],
    ['ETIMEDOUT', /nobody answers/],
    ['CERT_NOT_YET_VALID', /clock/],
    ['CERT_HAS_EXPIRED', /clock/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /cloud\.authority/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /cloud\.authority/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /cloud\.authority/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /cloud\.authority/],
    ['EPROTO', /cloud\.authority/],
  ])('is not reached: %s', async (code, todo) => {
    const finding = await checkCloud('https://khien.example', pem, () => Promise.reject(failure(code)));
    expect(finding).toMatchObject({ state: 'problem', todo: expect.stringMatching(todo) });
    expect(finding.found).toContain(code);
  });

  it('is not asked without the authority that is to be trusted', async () => {
    const unreadable = () => {
      throw new KhienError('CONFIG_INVALID', 'cannot read the CA file /x of cloud.authority');
    };
    const finding = await checkCloud('https://khien.example', unreadable, () => Promise.resolve());
    expect(finding).toMatchObject({ state: 'problem', todo: 'correct cloud.authority' });
  });

  it('has an edge that answers, and a daemon that is connected to it', async () => {
    const url = 'mqtts://khien.example:8883';
    const edge = (given: Status | undefined) => checkEdge(url, { ca: 'PEM' }, given, () => Promise.resolve());
    expect((await edge(status)).state).toBe('ok');
    expect((await edge(undefined)).state).toBe('ok');
    const cut = { ...status, cloud: { ...status.cloud, connected: false } };
    expect(await edge(cut)).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('not connected'),
    });
  });
});

describe('the printed findings', () => {
  it('say what to do below each problem, and how many there are', () => {
    const findings = [
      ok('clock', 'set'),
      problem('LAN', 'is off', 'switch it on'),
      skipped('cloud', 'later'),
    ];
    expect(printFindings(findings)).toBe(
      [
        'OK       clock  set',
        'PROBLEM  LAN    is off',
        '                → switch it on',
        '–        cloud  later',
        '',
        '1 of 3 checks found a problem.',
      ].join('\n'),
    );
    expect(printFindings([ok('clock', 'set')])).toMatch(/All is well\.$/);
  });
});

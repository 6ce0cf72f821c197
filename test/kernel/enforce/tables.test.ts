import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { KhienError } from '@khien/shared/error';
import { Nftables } from 'node-nftables';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { steeredNames } from '../../../daemon/src/dns/canary.ts';
import {
  accessTable,
  helpAddresses,
  leaseForAccess,
  portChain,
} from '../../../daemon/src/enforce/access-table.ts';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import { listsOf } from '../../../daemon/src/enforce/fixture/lists.ts';
import { dnsTable } from '../../../daemon/src/enforce/name-map.ts';
import { lease, policyTable } from '../../../daemon/src/enforce/policy-table.ts';
import { keyOf } from '../../../daemon/src/lists/name-key.ts';
import { noLists } from '../../../daemon/src/lists/name-lists.ts';
import { eventually } from '../../home/index.ts';
import { addPorts, nft, OwnRouter, ports, ruleset } from './own-router.ts';

const tablet = '02:00:00:00:00:01';
const phone = '02:00:00:00:00:02';

const home: Household = {
  children: {
    an: { blockedServices: ['tiktok'], blockedNames: ['x.vn'] },
    binh: { blockedCategories: ['gambling'] },
  },
  devices: { [tablet]: 'an', [phone]: 'binh' },
  services: { 'social/tiktok': ['tiktok.com', 'tiktokv.com'] },
  categories: { gambling: 1 },
  helpNames: ['tongdai111.vn'],
};
const paused: Household = {
  ...home,
  children: { ...home.children, an: { ...home.children?.an, pause: { since: 0, until: null } } },
};
const lists = listsOf({ 'bet365.com': 2, 'a.bet365.com': 1, 'w88.com': 2, 'porn.example': 1 });

/** Names that the classifier knows whatever the policy: what the responder answers itself, and that of Wi-Fi calling. */
const alwaysKnown = steeredNames.length + 1;

let kernel: Nftables;
const running: OwnRouter[] = [];

async function router(options: Partial<Pick<OwnRouter, 'lists'>> = {}): Promise<OwnRouter> {
  const made = new OwnRouter();
  Object.assign(made, options);
  await made.enforcer.start();
  running.push(made);
  return made;
}

const generation = async () => (await kernel.generation()).id;
const handleOf = async (table: typeof dnsTable | typeof policyTable) =>
  (await kernel.findTable(table))?.handle;

beforeAll(addPorts);
beforeEach(() => {
  kernel = new Nftables();
});
afterEach(async () => {
  for (const { enforcer } of running.splice(0)) await enforcer.stop();
  nft('flush', 'ruleset');
  kernel.close();
});
afterAll(() => {
  for (const port of ports) execFileSync('ip', ['link', 'del', port]);
});

test('nft prints the tables, and they are all there', async () => {
  const own = await router({ lists });
  await own.apply(home);
  const printed = execFileSync('sh', ['-c', 'nft list ruleset 2>&1 >/dev/null'], { encoding: 'utf8' });
  expect(printed).toBe('');
  const text = nft('list', 'ruleset');
  for (const table of ['table inet khien_dns {', 'table inet khien {', 'table netdev khien {']) {
    expect(text).toContain(table);
  }
});

test('nothing of ours is in the way of what is forwarded while nobody is managed and strangers are let in', async () => {
  const own = await router({ lists });
  const hooks = () =>
    new Set(nft('list', 'ruleset').match(/type filter hook (?:ingress|prerouting|forward)/g) ?? []);
  const all = ['ingress', 'prerouting', 'forward'].map((hook) => `type filter hook ${hook}`);
  await own.apply({});
  expect([...hooks()]).toEqual([]);
  await own.apply(home);
  expect([...hooks()].sort()).toEqual(all.sort());
  await own.apply({ ...home, newDevices: 'quarantine' });
  await own.apply({ newDevices: 'quarantine' });
  expect([...hooks()].sort()).toEqual(all.sort());
  await own.apply({});
  expect([...hooks()]).toEqual([]);
});

describe('a change of policy', () => {
  const states: [string, Household][] = [
    ['a child is paused', paused],
    ['a child is gone', { ...home, children: { an: home.children?.an ?? {} }, devices: { [tablet]: 'an' } }],
    ['a device changes hands', { ...home, devices: { [tablet]: 'binh', [phone]: 'binh' } }],
    ['other names', { ...home, services: { 'social/tiktok': ['tiktok.com', 'm.tiktok.com', 'bet365.com'] } }],
    ['other categories', { ...home, categories: { gambling: 0 } }],
    ['no category', { ...home, children: { an: {}, binh: {} } }],
    ['nobody', {}],
  ];

  test.each(states)('leaves what a new start would make: %s', async (_, state) => {
    const first = await router({ lists });
    await first.apply(state);
    const fresh = await ruleset();
    await first.apply(home);
    expect(await ruleset()).not.toEqual(fresh);
    await first.apply(state);
    expect(await ruleset()).toEqual(fresh);
  });

  test('does not touch the classifier’s program', async () => {
    const { apply } = bound(await router({ lists }));
    await apply(home);
    const handle = await handleOf(dnsTable);
    const scan = nft('-a', 'list', 'chain', 'inet', 'khien_dns', 'scan');
    for (const [, state] of states) await apply(state);
    expect(await handleOf(dnsTable)).toBe(handle);
    expect(nft('-a', 'list', 'chain', 'inet', 'khien_dns', 'scan')).toBe(scan);
  });

  test('that changes nothing makes no commit', async () => {
    const { apply } = bound(await router({ lists }));
    await apply(home);
    const before = await generation();
    await apply({ ...home });
    expect(await generation()).toBe(before);
  });

  test('is one commit', async () => {
    const { apply } = bound(await router({ lists }));
    await apply(home);
    const before = await generation();
    await apply(paused);
    expect(await generation()).toBe(before + 1);
  });

  test('may bring more names than fit at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [`n${n}.example${n % 7}.vn`, 2]));
    const own = await router({ lists: listsOf(many, 1000) });
    await own.apply({});
    await own.apply(home);
    const changed = await ruleset();
    expect((await own.enforcer.status()).names).toBe(9004 + alwaysKnown);
    await own.enforcer.stop();
    nft('flush', 'ruleset');
    const fresh = await router({ lists: listsOf(many, 1000) });
    await fresh.apply(home);
    expect(await ruleset()).toEqual(changed);
    await fresh.apply({});
    expect((await fresh.enforcer.status()).names).toBe(alwaysKnown);
  });

  test('may outgrow a map', async () => {
    const { apply, enforcer } = bound(await router());
    await apply(home);
    const names = Array.from({ length: 1500 }, (_, n) => `n${String(n).padStart(4, '0')}.vn`);
    await apply({ ...home, children: { an: { blockedNames: names }, binh: {} } });
    expect(await enforcer.status()).toMatchObject({
      enforcement: 'enforcing',
      // One of help, and two of a service that nobody blocks any more.
      names: 1503 + alwaysKnown,
    });
    expect(await elements(['q10'])).toHaveLength(1500);
  });

  test('of lists is brought in', async () => {
    const own = await router({ lists });
    await own.apply(home);
    own.lists = listsOf({ 'other.example': 2 });
    await own.apply(home);
    expect((await own.enforcer.status()).names).toBe(5 + alwaysKnown);
    expect(await elements(['q15'])).toContain(keyOf('other.example').toString('hex'));
  });
});

describe('while names are loaded', () => {
  const many = Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [`n${n}.example${n % 7}.vn`, 2]));
  const big = listsOf(many, 1000);

  test('every query goes to the responder, and the policy is there', async () => {
    const own = await router({ lists: big });
    await own.applyOnly(home);
    expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto undecided');
    expect(await kernel.listElements(lease)).toHaveLength(2);
    expect((await own.enforcer.status()).names).toBe(0);
    await own.enforcer.loaded();
    expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto scan');
  });

  test('a pause is applied at once, and loading goes on', async () => {
    const own = await router({ lists: big });
    await own.applyOnly(home);
    await own.applyOnly(paused);
    expect(await kernel.listElements(lease)).toHaveLength(1);
    expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto undecided');
    await own.enforcer.loaded();
    expect((await own.enforcer.status()).names).toBe(9004 + alwaysKnown);
  });

  test('other names begin it anew', async () => {
    const own = await router({ lists: big });
    const other = { ...home, services: { 'social/tiktok': ['tiktok.com', 'n1.example1.vn'] } };
    for (const state of [home, other, home, {}, other]) {
      await own.applyOnly(state);
      await delay(20);
    }
    await own.enforcer.loaded();
    const changed = await ruleset();
    await own.enforcer.stop();
    nft('flush', 'ruleset');
    const fresh = await router({ lists: big });
    await fresh.apply(other);
    expect(await ruleset()).toEqual(changed);
  });

  test('a flushed ruleset comes back with all of them', async () => {
    const own = await router({ lists: big });
    await own.applyOnly(home);
    nft('flush', 'ruleset');
    await eventually('the tables are there again', () => own.reports.length > 0, 3000);
    await own.enforcer.loaded();
    expect(await own.enforcer.status()).toMatchObject({
      enforcement: 'enforcing',
      names: 9004 + alwaysKnown,
    });
  });
});

test('lists that cannot be read leave every decision to the responder, and the policy holds', async () => {
  const damaged = () => {
    throw new KhienError('LIST_CORRUPT', 'a test');
  };
  const own = await router({
    lists: { ...noLists, revision: 'x', count: () => 1, chunks: damaged, lookup: damaged },
  });
  await own.apply(home);
  expect(own.reports).toEqual([{ code: 'CLASSIFIER_INCOMPLETE', error: 'LIST_CORRUPT' }]);
  expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto undecided');
  await own.apply(paused);
  expect(await kernel.listElements(lease)).toHaveLength(1);
  expect(own.reports).toHaveLength(1);
  own.lists = lists;
  await own.apply(home);
  expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto scan');
});

describe('applying', () => {
  test('several at once applies the first and the last', async () => {
    const { apply } = bound(await router());
    await apply(home);
    const before = await generation();
    const first = apply(paused);
    await Promise.resolve();
    await Promise.all([first, apply({}), apply(home), apply({}), apply(home)]);
    expect(await generation()).toBe(before + 2);
  });

  test('what the kernel refuses leaves what was', async () => {
    const own = await router();
    await own.apply(home);
    const before = await ruleset();
    const many = Array.from({ length: 300 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    own.side.change({ addresses: many });
    await expect(own.apply(paused)).rejects.toMatchObject({
      code: 'ENFORCE_REFUSED',
      details: { errno: 'ENFILE' },
    });
    expect(await ruleset()).toEqual(before);
    expect((await own.enforcer.status()).enforcement).toBe('ENFORCE_REFUSED');
    expect(own.reports.map(({ code }) => code)).toContain('ENFORCE_FAILED');
    own.side.change({ addresses: ['192.168.50.1', 'fd50::1', 'fe80::1%br-lan'] });
    await own.apply(home);
    expect(await ruleset()).toEqual(before);
    expect((await own.enforcer.status()).enforcement).toBe('enforcing');
  });

  test('many devices of many children', async () => {
    const children = Object.fromEntries(
      Array.from({ length: 8 }, (_, n) => [`c${n}`, { blockedNames: [`n${n}.vn`] }]),
    );
    const devices = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`02:00:00:00:${hex(n >> 8)}:${hex(n & 255)}`, `c${n % 8}`]),
    );
    const { apply, enforcer } = bound(await router());
    await apply({ children, devices });
    expect(await enforcer.status()).toMatchObject({ managed: 500, withoutLease: 0 });
    expect(await kernel.listElements(leaseForAccess)).toHaveLength(500);
    await apply({ children: { ...children, c0: { pause: { since: 0, until: null } } }, devices });
    expect(await enforcer.status()).toMatchObject({ managed: 500, withoutLease: 63 });
  });
});

describe('a restart', () => {
  test('keeps tables that are as they shall be, untouched', async () => {
    const first = await router({ lists });
    await first.apply(home);
    await first.enforcer.stop();
    const before = await generation();
    const second = await router({ lists });
    await second.apply(home);
    expect(await generation()).toBe(before);
    expect(await second.enforcer.status()).toMatchObject({
      enforcement: 'enforcing',
      managed: 2,
      withoutLease: 0,
    });
    await second.apply(paused);
    expect(await generation()).toBe(before + 1);
  });

  test('with another policy keeps the classifier where its names are the same', async () => {
    const first = await router({ lists });
    await first.apply(home);
    await first.enforcer.allowHelpAddresses(['192.0.2.40']);
    await first.enforcer.stop();
    const handles = [await handleOf(dnsTable), await handleOf(policyTable)];
    const second = await router({ lists });
    await second.apply({ ...home, devices: { [phone]: 'an' } });
    expect(await handleOf(dnsTable)).toBe(handles[0]);
    expect(await handleOf(policyTable)).not.toBe(handles[1]);
    expect(await elements(['managed'])).toEqual(['020000000002']);
    expect(nft('list', 'set', 'netdev', 'khien', 'help4')).toContain('192.0.2.40');
  });

  test('with other names makes the classifier anew', async () => {
    const first = await router();
    await first.apply(home);
    await first.enforcer.stop();
    const second = await router();
    const other = { ...home, services: { 'social/tiktok': ['tiktok.com'] } };
    await second.apply(other);
    expect((await second.enforcer.status()).names).toBe(3 + alwaysKnown);
    expect(await elements(['q12', 'q13'])).toHaveLength(1);
  });

  test('leaves a lease alone that ends as it shall, and corrects another', async () => {
    const until = (ms: number): Household => ({
      ...home,
      children: { an: { pause: { since: 0, until: null }, grant: { since: 0, until: ms } }, binh: {} },
    });
    const first = await router();
    const now = first.clock.now();
    await first.apply(until(now + 600_000));
    await first.enforcer.stop();
    const before = await generation();
    const second = await router();
    await second.apply(until(now + 601_000));
    expect(await generation()).toBe(before);
    await second.apply(until(now + 700_000));
    expect(await generation()).toBe(before + 1);
    for (const set of [lease, leaseForAccess]) {
      const [element] = (await kernel.listElements(set)).filter(({ expiration }) => expiration !== undefined);
      expect(element?.expiration).toBeGreaterThan(698_000);
    }
  });
});

describe('leases', () => {
  test('are renewed and taken at transitions', async () => {
    const own = await router();
    const now = own.clock.now();
    const pause = { since: 0, until: now + 30_000 };
    await own.apply({
      ...home,
      children: { an: { pause, grant: { since: 0, until: now + 10_000 } }, binh: {} },
    });
    const leased = async () =>
      (await kernel.listElements(lease)).map(({ key }) => key.toString('hex')).sort();
    expect(await leased()).toEqual(['020000000001', '020000000002']);
    own.clock.advance(10_000);
    await eventually('the lease is taken', async () => (await leased()).length === 1);
    expect((await kernel.listElements(leaseForAccess)).length).toBe(1);
    own.clock.advance(20_000);
    await eventually('the lease is back', async () => (await leased()).length === 2);
  });

  test('follow a clock that is set', async () => {
    const own = await router();
    const now = own.clock.now();
    const pause = { since: 0, until: null };
    const home2 = {
      ...home,
      children: { an: { pause, grant: { since: 0, until: now + 3600_000 } }, binh: {} },
    };
    await own.apply(home2);
    own.clock.advance(1800_000);
    await eventually('the lease is half as long', async () => {
      const elements = await kernel.listElements(lease);
      return elements.some(({ expiration }) => expiration !== undefined && expiration < 1801_000);
    });
  });

  test('follow a clock that is set back to where a pause had not ended, though nothing was ahead', async () => {
    const own = await router();
    const pause = { since: 0, until: own.clock.now() };
    await own.apply({ ...home, children: { an: { pause }, binh: {} } });
    const leases = async () => (await kernel.listElements(lease)).length;
    expect(await leases()).toBe(2);
    own.clock.set(own.clock.now() - 3600_000);
    own.clock.advance(60_000);
    await eventually('the lease is taken', async () => (await leases()) === 1);
  });
});

describe('addresses of help names', () => {
  const held = async () =>
    (await kernel.listElements(helpAddresses.ip)).map(({ key }) => key.join('.')).sort();

  test('are opened in the tables that a former run left while no policy is known, and taken up with the next', async () => {
    const former = await router();
    await former.apply(home);
    await former.enforcer.allowHelpAddresses(['192.0.2.1']);
    const own = await router();
    await own.enforcer.allowHelpAddresses(['192.0.2.2', '2001:db8::2']);
    expect(await held()).toEqual(['192.0.2.1', '192.0.2.2']);
    await own.apply(home);
    expect(await held()).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('are remembered where there are no tables yet', async () => {
    const own = await router();
    await own.enforcer.allowHelpAddresses(['192.0.2.1']);
    await own.apply(home);
    expect(await held()).toEqual(['192.0.2.1']);
  });

  test('stay open when another contact comes, and when contacts are refused; those of a contact that goes do not', async () => {
    const own = await router();
    await own.apply(home);
    await own.enforcer.allowHelpAddresses(['192.0.2.1']);
    await own.apply({ ...home, helpNames: ['tongdai111.vn', 'vn-cop.vn'] });
    expect(await held()).toEqual(['192.0.2.1']);
    // A port that the kernel cannot have: everything is refused with it.
    own.side.change({ ports: [...ports, 'x'.repeat(100)] });
    await expect(own.apply({ ...home, helpNames: [] })).rejects.toThrow();
    own.side.change({ ports });
    await own.apply({ ...home, helpNames: ['tongdai111.vn', 'vn-cop.vn'] });
    expect(await held()).toEqual(['192.0.2.1']);
    await own.apply({ ...home, helpNames: ['vn-cop.vn'] });
    expect(await held()).toEqual([]);
  });
});

describe('when somebody else', () => {
  test('flushes the ruleset, it is there again at once', async () => {
    const own = await router({ lists });
    await own.apply(home);
    await own.enforcer.allowHelpAddresses(['192.0.2.40', '2001:db8:f::40']);
    const before = await ruleset();
    nft('flush', 'ruleset');
    await eventually('the tables are there again', async () => own.reports.length > 0, 3000);
    const tables = ['inet khien_dns', 'inet khien', 'netdev khien', 'inet khien_services'];
    expect(own.reports).toEqual([{ code: 'TABLES_RESTORED', tables }]);
    await own.enforcer.loaded();
    expect(await ruleset()).toEqual(before);
    expect((await own.enforcer.status()).names).toBe(6 + alwaysKnown);
  });

  test.each([
    ['deletes one table', ['delete', 'table', 'netdev', 'khien']],
    ['deletes rules of ours', ['flush', 'chain', 'inet', 'khien', 'sink']],
    ['flushes the classifier', ['flush', 'table', 'inet', 'khien_dns']],
  ])('%s, it is mended', async (_, command) => {
    const own = await router();
    await own.apply(home);
    const before = await ruleset();
    nft(...command);
    await eventually('it is mended', async () => own.reports.length > 0, 3000);
    await own.enforcer.loaded();
    expect(await ruleset()).toEqual(before);
  });

  test('changes their own tables, nothing happens', async () => {
    const own = await router();
    await own.apply(home);
    nft('add', 'table', 'inet', 'other');
    nft('delete', 'table', 'inet', 'other');
    const before = await generation();
    await own.apply(home);
    expect(await generation()).toBe(before);
    expect(own.reports).toEqual([]);
  });
});

describe('ports of the LAN', () => {
  test('come and go', async () => {
    const own = await router();
    await own.apply(home);
    own.side.change({ ports: ['lan1'] });
    await own.apply(home);
    expect((await kernel.listChains(accessTable)).map(({ name }) => name)).not.toContain(
      portChain('lan2').name,
    );
    own.side.change({ ports });
    await own.apply(home);
    const [chain] = (await kernel.listChains(accessTable)).filter(
      ({ name }) => name === portChain('lan2').name,
    );
    expect(chain?.base).toMatchObject({ hook: 'ingress', devices: ['lan2'] });
  });

  test('that are not there (yet) hinder nothing, and are tried again', async () => {
    const own = await router();
    own.side.change({ ports: ['lan1', 'phy0-ap0'] });
    await own.apply(home);
    const chains = async () => (await kernel.listChains(accessTable)).map(({ name }) => name);
    expect(await chains()).toContain(portChain('lan1').name);
    execFileSync('ip', ['link', 'add', 'phy0-ap0', 'type', 'bridge']);
    own.clock.advance(5000);
    await eventually('the port has its chain', async () =>
      (await chains()).includes(portChain('phy0-ap0').name),
    );
    execFileSync('ip', ['link', 'del', 'phy0-ap0']);
    own.side.change({ ports: ['lan1'] });
    await own.apply(home);
    execFileSync('ip', ['link', 'add', 'phy0-ap0', 'type', 'bridge']);
    own.side.change({ ports: ['lan1', 'phy0-ap0'] });
    await own.apply(home);
    const [chain] = (await kernel.listChains(accessTable)).filter(
      ({ name }) => name === portChain('phy0-ap0').name,
    );
    expect(chain?.base?.devices).toEqual(['phy0-ap0']);
    execFileSync('ip', ['link', 'del', 'phy0-ap0']);
  });
});

function bound(own: OwnRouter) {
  return { apply: (state: Household) => own.apply(state), enforcer: own.enforcer };
}

async function elements(sets: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of sets) {
    for (const { key } of await kernel.listElements({ table: dnsTable, name }))
      found.push(key.toString('hex'));
  }
  return found;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

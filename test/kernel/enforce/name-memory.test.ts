import { execFileSync } from 'node:child_process';
import { NetlinkError, Nftables } from 'node-nftables';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Household } from '../../../daemon/src/enforce/fixture/household.ts';
import { listsOf } from '../../../daemon/src/enforce/fixture/lists.ts';
import { type Kernel, linux } from '../../../daemon/src/enforce/kernel.ts';
import { NAME_BYTES } from '../../../daemon/src/enforce/list-budget.ts';
import { dnsTable, nameOfMap } from '../../../daemon/src/enforce/name-map.ts';
import { keyOf } from '../../../daemon/src/lists/name-key.ts';
import { addPorts, nft, OwnRouter, ports } from './own-router.ts';

// What becomes of names where the kernel has no room for them.

const home: Household = {
  children: { an: { blockedCategories: ['adult', 'gambling'] } },
  devices: { '02:00:00:00:00:01': 'an' },
  categories: { adult: 0, gambling: 1 },
};
const running: OwnRouter[] = [];

async function router(lists: OwnRouter['lists'], kernel: Kernel = linux): Promise<OwnRouter> {
  const made = new OwnRouter(kernel);
  made.lists = lists;
  await made.enforcer.start();
  running.push(made);
  return made;
}

/** So many names of each category, all of one length. */
function lists(adult: number, gambling: number) {
  const names = (count: number, label: string, mask: number) =>
    Array.from({ length: count }, (_, n) => [`${label}${String(n).padStart(5, '0')}.vn`, mask] as const);
  return listsOf(Object.fromEntries([...names(adult, 'a', 1), ...names(gambling, 'g', 2)]), 1000);
}

const withMemoryFor = (names: number): Kernel => ({
  ...linux,
  memory: () => ({ total: 4 * names * NAME_BYTES, available: 2 ** 40 }),
});

async function isLoaded(name: string): Promise<boolean> {
  const key = keyOf(name);
  const kernel = new Nftables();
  try {
    const elements = await kernel.listElements({ table: dnsTable, name: nameOfMap(key.length) });
    return elements.some((element) => element.key.equals(key));
  } finally {
    kernel.close();
  }
}

beforeAll(addPorts);
afterEach(async () => {
  for (const { enforcer } of running.splice(0)) await enforcer.stop();
  nft('flush', 'ruleset');
});
afterAll(() => {
  for (const port of ports) execFileSync('ip', ['link', 'del', port]);
});

describe('a list that does not fit the memory', () => {
  test('is left out whole, which is told once; the more important one is there', async () => {
    const own = await router(lists(300, 300), withMemoryFor(500));
    await own.apply(home);
    expect(await isLoaded('a00007.vn')).toBe(true);
    expect(await isLoaded('g00007.vn')).toBe(false);
    expect((await own.enforcer.status()).leftOut).toEqual(['gambling']);
    await own.apply({
      ...home,
      children: { an: { ...home.children?.an, pause: { since: 0, until: null } } },
    });
    expect(own.reports).toEqual([{ code: 'LISTS_LEFT_OUT', categories: ['gambling'] }]);
  });

  test('is loaded when there is room again', async () => {
    const own = await router(lists(300, 300), withMemoryFor(500));
    await own.apply(home);
    own.lists = lists(100, 300);
    await own.apply(home);
    expect(await isLoaded('g00007.vn')).toBe(true);
    expect((await own.enforcer.status()).leftOut).toEqual([]);
    expect(own.reports).toHaveLength(1);
  });

  test('is left out after a restart too, and the rest is kept as it is', async () => {
    const first = await router(lists(300, 300), withMemoryFor(500));
    await first.apply(home);
    const { names } = await first.enforcer.status();
    await first.enforcer.stop();
    const handle = nft('-a', 'list', 'chain', 'inet', 'khien_dns', 'scan');
    const second = await router(lists(300, 300), withMemoryFor(500));
    await second.apply(home);
    expect(nft('-a', 'list', 'chain', 'inet', 'khien_dns', 'scan')).toBe(handle);
    expect(await second.enforcer.status()).toMatchObject({ names, leftOut: ['gambling'] });
  });
});

describe('a kernel without memory', () => {
  /** Refuses more than so many names of one length, as a kernel does that has no memory left. */
  class Short extends Nftables {
    readonly #room: number;

    constructor(room: number) {
      super();
      this.#room = room;
    }

    override addPacked(...[set, chunks]: Parameters<Nftables['addPacked']>): Promise<number> {
      return super.addPacked(set, upTo(this.#room, chunks));
    }
  }

  async function* upTo(room: number, chunks: Parameters<Nftables['addPacked']>[1]) {
    let taken = 0;
    for await (const chunk of chunks) {
      taken += chunk.count;
      if (taken > room) throw new NetlinkError('ENOMEM', 'out of memory, says a test');
      yield chunk;
    }
  }

  test('gets fewer lists, until it takes them', async () => {
    const own = await router(lists(300, 300), { ...linux, nftables: () => new Short(400) });
    await own.apply(home);
    expect(await isLoaded('a00007.vn')).toBe(true);
    expect(await isLoaded('g00007.vn')).toBe(false);
    expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto scan');
    expect(own.reports).toEqual([{ code: 'LISTS_LEFT_OUT', categories: ['gambling'] }]);
  });

  test('that takes no names at all leaves every decision to the responder', async () => {
    const own = await router(lists(300, 300), { ...linux, nftables: () => new Short(0) });
    await own.apply(home);
    expect(own.reports).toEqual([
      { code: 'LISTS_LEFT_OUT', categories: ['gambling'] },
      { code: 'LISTS_LEFT_OUT', categories: ['adult', 'gambling'] },
      { code: 'CLASSIFIER_INCOMPLETE', error: 'ENOMEM' },
    ]);
    expect(nft('list', 'chain', 'inet', 'khien_dns', 'entry')).toContain('goto undecided');
    expect((await own.enforcer.status()).names).toBe(0);
  });
});

test('a map that is full is made anew, larger', async () => {
  const own = await router(lists(10, 0));
  await own.apply(home);
  const before = await sizeOf('a00007.vn');
  own.lists = lists(3000, 0);
  await own.apply(home);
  expect(await sizeOf('a00007.vn')).toBeGreaterThan(Math.max(before, 3000));
  expect(await isLoaded('a02999.vn')).toBe(true);
  expect(own.reports).toEqual([]);
});

async function sizeOf(name: string): Promise<number> {
  const kernel = new Nftables();
  try {
    const sets = await kernel.listSets(dnsTable);
    return sets.find((set) => set.name === nameOfMap(keyOf(name).length))?.size ?? 0;
  } finally {
    kernel.close();
  }
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TableCompiler } from './compile.ts';
import { diffTables } from './diff-tables.ts';
import { nameArbitrary } from './fixture/naive-lists.ts';
import { keyOf } from './name-key.ts';
import { type NameLists, noLists } from './name-lists.ts';
import { TableFile } from './table-file.ts';

let folder: string;
let tables = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-diff-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Entry = readonly [bit: number, name: string, exception?: boolean];

async function tableOf(entries: Iterable<Entry>): Promise<TableFile> {
  const compiler = new TableCompiler();
  for (const [bit, name, exception = false] of entries) {
    if (exception) compiler.except(bit, name);
    else compiler.add(bit, name);
  }
  const path = join(folder, `${tables++}.khl`);
  await writeFile(path, Buffer.concat(compiler.finish().pieces));
  return TableFile.open(path);
}

/** What `chunks` says, by key. */
function loaded(lists: NameLists, mask: number): Map<string, number> {
  const entries = new Map<string, number>();
  for (const { keyLength, keys, masks, count } of lists.chunks(mask)) {
    for (let index = 0; index < count; index++) {
      entries.set(
        keys.toString('latin1', index * keyLength, (index + 1) * keyLength),
        masks[index] ?? Number.NaN,
      );
    }
  }
  return entries;
}

type Found = { key: string; before: number | undefined; after: number | undefined };

function found(before: NameLists, after: NameLists, mask: number): Found[] {
  const all: Found[] = [];
  for (const difference of diffTables(before, after, mask)) {
    if (difference === 'read') continue;
    const { keys, start, end, before: was, after: is } = difference;
    all.push({ key: keys.toString('latin1', start, end), before: was, after: is });
  }
  return all;
}

/** What differs between two maps, in the order of tables. */
function expected(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Found[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key) => ({ key, before: before.get(key), after: after.get(key) }))
    .filter((each) => each.before !== each.after)
    .sort((a, b) => a.key.length - b.key.length || (a.key < b.key ? -1 : 1));
}

/** A table of nothing but keys and masks, in buffers that end where a chunk does. */
function bare(entries: ReadonlyMap<string, number>, chunkEntries: number): NameLists {
  const keys = [...entries.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  function* chunks() {
    for (let first = 0; first < keys.length; ) {
      const keyLength = keys[first]?.length ?? 0;
      const chunk = keys.slice(first, first + chunkEntries).filter((key) => key.length === keyLength);
      first += chunk.length;
      yield {
        keyLength,
        keys: Buffer.from(chunk.join(''), 'latin1'),
        masks: Uint32Array.from(chunk, (key) => entries.get(key) ?? 0),
        count: chunk.length,
      };
    }
  }
  return { ...noLists, revision: 'bare', entries: chunks };
}

/** Keys that differ late, in few lengths, in long runs: of two letters, and by number. */
const bareEntries = fc
  .tuple(
    fc.array(fc.tuple(fc.stringMatching(/^[AB]{5,9}$/), fc.nat(3)), { maxLength: 80 }),
    fc.record({
      first: fc.nat(300),
      count: fc.nat(400),
      length: fc.integer({ min: 5, max: 7 }),
      mask: fc.nat(3),
    }),
  )
  .map(([few, { first, count, length, mask }]) => {
    const run = Array.from({ length: count }, (_, index) => String(first + index).padStart(length, '0'));
    return new Map([...few, ...run.map((key) => [key, mask] as const)]);
  });

const entries = fc.array(
  fc.tuple(
    fc.nat(3),
    nameArbitrary,
    fc.nat(5).map((n) => n === 0),
  ),
  { maxLength: 60 },
);

describe('the difference of two tables', () => {
  it('is that of what they say', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, entries, fc.nat(15), async (both, one, other, mask) => {
        const before = await tableOf([...both, ...one]);
        const after = await tableOf([...both, ...other]);
        expect(found(before, after, mask)).toEqual(expected(loaded(before, mask), loaded(after, mask)));
        expect(found(before, before, mask)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('is found whatever the keys, however they are cut into chunks', () => {
    fc.assert(
      fc.property(
        bareEntries,
        bareEntries,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (one, other, cut, otherCut) => {
          const said = (all: ReadonlyMap<string, number>) =>
            new Map([...all].filter(([, mask]) => mask !== 0));
          expect(found(bare(one, cut), bare(other, otherCut), 3)).toEqual(expected(said(one), said(other)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is all of a table where there was none, and all of it where there is none any more', async () => {
    const table = await tableOf([
      [0, 'a.com'],
      [1, 'b.com'],
    ]);
    const key = (name: string) => keyOf(name).toString('latin1');
    expect(found(noLists, table, 1)).toEqual([{ key: key('a.com'), before: undefined, after: 1 }]);
    expect(found(table, noLists, 2)).toEqual([{ key: key('b.com'), before: 2, after: undefined }]);
    expect(found(noLists, noLists, 0xffff)).toEqual([]);
  });

  it('is found among many chunks, wherever they begin', async () => {
    const name = (index: number) => `n${String(index).padStart(6, '0')}.vn`;
    const range = (first: number, end: number): Entry[] =>
      Array.from({ length: end - first }, (_, index) => [0, name(first + index)]);
    const before = await tableOf([...range(0, 20_000), [1, 'longer-name.example.com']]);
    const changed = range(1, 20_001).map(
      (entry, index): Entry => (index % 7919 === 0 ? [1, entry[1]] : entry),
    );
    const after = await tableOf([...changed, [1, 'longer-name.example.com']]);
    const differences = found(before, after, 3);
    expect(differences).toEqual(expected(loaded(before, 3), loaded(after, 3)));
    expect(differences).toHaveLength(2 + 3);
  });
});

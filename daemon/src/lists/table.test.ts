import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TableCompiler } from './compile.ts';
import { compileStarter } from './compile-starter.ts';
import { NaiveLists, nameArbitrary } from './fixture/naive-lists.ts';
import { keyOf, suffixesOf, wireOf } from './name-key.ts';
import { TableFile } from './table-file.ts';

let folder: string;
const opened: TableFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-lists-'));
});

afterEach(async () => {
  for (const table of opened.splice(0)) table.close();
  await rm(folder, { recursive: true });
});

/** Names by category bit; those that begin with `@@` are exceptions. */
type Lists = Readonly<Record<number, readonly string[]>>;

async function compiled(lists: Lists): Promise<TableFile> {
  const compiler = new TableCompiler();
  for (const [bit, names] of Object.entries(lists)) {
    for (const name of names) {
      if (name.startsWith('@@')) compiler.except(Number(bit), name.slice(2));
      else compiler.add(Number(bit), name);
    }
  }
  const path = join(folder, 'a.khl');
  await writeFile(path, Buffer.concat(compiler.finish().pieces));
  const table = await TableFile.open(path);
  opened.push(table);
  return table;
}

/** What `chunks` yields, copied out of the shared buffers. */
function loaded(table: TableFile, mask: number): { key: string; mask: number }[] {
  return [...copied(table, mask)];
}

function* copied(table: TableFile, mask: number) {
  for (const { keyLength, keys, masks, count } of table.chunks(mask)) {
    for (let index = 0; index < count; index++) {
      const key = keys.toString('latin1', index * keyLength, (index + 1) * keyLength);
      yield { key, mask: masks[index] ?? 0 };
    }
  }
}

const keyText = (name: string) => keyOf(name).toString('latin1');
const filler = 'a'.repeat(60);
const longName = `${filler}.${filler}.${filler}.example.com`;

describe('a name’s key', () => {
  it('is its wire format with the case bit off, but for the first length', () => {
    expect(wireOf('ab.c-1').toString('hex')).toBe('0261620363 2d3100'.replace(' ', ''));
    expect(keyOf('ab.c-1').toString('hex')).toBe('0241420343 0d1100'.replace(' ', ''));
    expect(keyOf(`${'a'.repeat(40)}.vn`)[0]).toBe(40);
    expect(keyOf(`x.${'a'.repeat(40)}.vn`)[2]).toBe(40 - 32);
  });

  it('has the suffixes with at least two labels above it', () => {
    expect([...suffixesOf('a.b.example.com')]).toEqual(['a.b.example.com', 'b.example.com', 'example.com']);
    expect([...suffixesOf('com')]).toEqual([]);
  });
});

describe('a compiled list', () => {
  it('finds a name and those above it, longest first', async () => {
    const table = await compiled({
      0: ['example.com'],
      3: ['example.com'],
      1: ['other.vn', 'x.example.com'],
    });
    expect(table.lookup('www.x.example.com')).toEqual([
      { name: 'x.example.com', mask: 0b10 },
      { name: 'example.com', mask: 0b1001 },
    ]);
    expect(table.lookup('xexample.com')).toEqual([]);
    expect(table.lookup('com')).toEqual([]);
  });

  it('leaves out names that what is above them covers, and counts them', () => {
    const compiler = new TableCompiler();
    for (const name of ['a.example.com', 'example.com', 'b.a.example.com', 'c.vn', 'c.vn'])
      compiler.add(0, name);
    compiler.add(1, 'a.example.com');
    expect(compiler.finish()).toMatchObject({ entries: 3, covered: 1, repeated: 1, excepted: 0 });
  });

  it('takes exceptions, and all below them, out of their category alone', async () => {
    const table = await compiled({
      0: ['example.com', '@@good.example.com', 'bad.good.example.com', 'fine.vn', '@@fine.vn', '@@idle.vn'],
      1: ['example.com', 'x.good.example.com'],
    });
    expect(table.lookup('www.good.example.com')).toEqual([{ name: 'example.com', mask: 0b10 }]);
    expect(table.lookup('bad.good.example.com')).toEqual([{ name: 'example.com', mask: 0b10 }]);
    expect(table.lookup('www.fine.vn')).toEqual([]);
    expect(loaded(table, 0b01)).toEqual([
      { key: keyText('example.com'), mask: 1 },
      { key: keyText('good.example.com'), mask: 0 },
    ]);
    expect([table.count(0b01), table.count(0b10), table.header.entries]).toEqual([1, 1, 2]);
  });

  it('loads entries with what is above them, without those that say no more', async () => {
    const table = await compiled({
      0: ['example.com', 'a.example.com'],
      1: ['b.example.com', 'c.b.example.com'],
    });
    expect(loaded(table, 0b11)).toEqual([
      { key: keyText('example.com'), mask: 0b01 },
      { key: keyText('b.example.com'), mask: 0b11 },
    ]);
    expect(loaded(table, 0b10)).toEqual([{ key: keyText('b.example.com'), mask: 0b10 }]);
    expect(loaded(table, 0b100)).toEqual([]);
    expect(loaded(table, 0)).toEqual([]);
  });

  it('keeps long names whole', async () => {
    const table = await compiled({ 2: [longName] });
    expect(loaded(table, 4)).toEqual([{ key: keyText(longName), mask: 4 }]);
    expect(table.lookup(`x.${longName}`)).toEqual([{ name: longName, mask: 4 }]);
    expect(table.lookup(longName.slice(1))).toEqual([]);
  });

  it('counts by category', async () => {
    const table = await compiled({ 0: ['a.com', 'b.com'], 5: ['b.com', 'c.com', 'c.com'] });
    expect([table.count(1), table.count(32), table.count(33), table.count(2), table.count(0)]).toEqual([
      2, 2, 3, 0, 0,
    ]);
  });

  it('can be empty', async () => {
    const table = await compiled({});
    expect([loaded(table, 0xffff), table.lookup('a.com'), table.count(0xffff)]).toEqual([[], [], 0]);
  });

  it('changes its revision with any entry', async () => {
    const first = (await compiled({ 0: ['a.com'] })).revision;
    expect((await compiled({ 0: ['a.com'] })).revision).toBe(first);
    expect((await compiled({ 1: ['a.com'] })).revision).not.toBe(first);
    expect((await compiled({ 0: ['b.com'] })).revision).not.toBe(first);
  });

  it('refuses a bit that is no category', () => {
    expect(() => new TableCompiler().add(16, 'a.com')).toThrow(
      expect.objectContaining({ code: 'LIST_CATEGORY' }),
    );
  });

  it('spans many chunks', async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `n${String(index).padStart(6, '0')}.vn`);
    const table = await compiled({ 0: names });
    expect(loaded(table, 1).map(({ key }) => key)).toEqual(names.map(keyText).sort());
    expect(table.lookup('www.n004711.vn')).toEqual([{ name: 'n004711.vn', mask: 1 }]);
  });

  it('is the same file for the same names in whatever order, and says its version', async () => {
    const names = fc.uniqueArray(fc.tuple(fc.nat(3), nameArbitrary), { maxLength: 30 });
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat()), (listed, random) => {
        const build = (entries: typeof listed) => {
          const compiler = new TableCompiler();
          for (const [bit, name] of entries) compiler.add(bit, name);
          return Buffer.concat(compiler.finish().pieces);
        };
        const shuffled = [...listed].sort(() => ((random.next().value ?? 0) % 3) - 1);
        expect(build(shuffled).equals(build(listed))).toBe(true);
      }),
    );
    const named = new TableCompiler().finish({ version: '2026-11-21' });
    expect(named.version).toBe('2026-11-21');
    await writeFile(join(folder, 'named.khl'), Buffer.concat(named.pieces));
    expect((await TableFile.open(join(folder, 'named.khl'))).version).toBe('2026-11-21');
    expect(() => new TableCompiler().finish({ version: 'no spaces' })).toThrow(
      expect.objectContaining({ code: 'LIST_VERSION' }),
    );
  });

  it('says what a plain map says', async () => {
    const entries = fc.array(fc.tuple(fc.nat(15), nameArbitrary, fc.nat(7)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.array(nameArbitrary, { maxLength: 20 }),
        fc.nat(0xffff),
        async (listed, asked, mask) => {
          const naive = new NaiveLists();
          const lists: Record<number, string[]> = {};
          for (const [bit, name, kind] of listed) {
            if (kind === 0) naive.except(bit, name);
            else naive.add(bit, name);
            lists[bit] = [...(lists[bit] ?? []), kind === 0 ? `@@${name}` : name];
          }
          const table = await compiled(lists);
          const entriesLoaded = new Map(loaded(table, mask).map((entry) => [entry.key, entry.mask]));
          for (const name of [...asked, ...listed.map(([, text]) => text)]) {
            const found = table.lookup(name);
            expect(found.reduce((bits, entry) => bits | entry.mask, 0)).toBe(naive.categories(name));
            for (const entry of found) expect(naive.listed(entry.name) & entry.mask).toBe(entry.mask);
            const nearest = [...suffixesOf(name)].find((suffix) => entriesLoaded.has(keyText(suffix)));
            expect(nearest === undefined ? 0 : entriesLoaded.get(keyText(nearest))).toBe(
              naive.categories(name) & mask,
            );
          }
          opened.pop()?.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('opening a list', () => {
  const written = (at: number, value: number) => (bytes: Buffer) => {
    bytes.writeUInt32LE(value, at);
    return bytes;
  };
  const damages: readonly [string, string, (bytes: Buffer) => Buffer][] = [
    ['nothing in it', 'LIST_CORRUPT', () => Buffer.alloc(0)],
    ['text', 'LIST_CORRUPT', () => Buffer.from('example.com\n'.repeat(50))],
    ['a layout of the future', 'LIST_UNSUPPORTED', written(8, 9)],
    ['a lost tail', 'LIST_CORRUPT', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['something appended', 'LIST_CORRUPT', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['damage', 'LIST_CORRUPT', written(200, 0x7777_7777)],
    ['no version', 'LIST_CORRUPT', (bytes) => bytes.fill(0, 56, 120)],
    ['too many sections', 'LIST_CORRUPT', written(12, 0xffff_ffff)],
    ['a section of no length', 'LIST_CORRUPT', written(184, 0)],
    ['a huge section', 'LIST_CORRUPT', written(188, 0xffff_fff0)],
  ];

  it.each(damages)('refuses %s', async (_, code, damage) => {
    await compiled({ 0: ['example.com', 'a.example.com'] });
    const path = join(folder, 'a.khl');
    await writeFile(path, damage(await readFile(path)));
    await expect(TableFile.open(path)).rejects.toMatchObject({ code });
  });

  it('says that there is none', async () => {
    await expect(TableFile.open(join(folder, 'none.khl'))).rejects.toMatchObject({ code: 'LIST_UNREADABLE' });
  });

  it('notices a file that becomes shorter under it', async () => {
    const table = await compiled({ 0: ['example.com'] });
    await truncate(join(folder, 'a.khl'), 100);
    expect(() => table.lookup('example.com')).toThrow(expect.objectContaining({ code: 'LIST_CORRUPT' }));
  });
});

it('compiles the starter lists of the catalogue', async () => {
  const path = join(folder, 'starter.khl');
  const { entries } = await compileStarter(path);
  expect(entries).toBeGreaterThan(100);
  const table = await TableFile.open(path);
  opened.push(table);
  expect(table.lookup('www.188bet.com')).toEqual([{ name: '188bet.com', mask: 0b10 }]);
});

import { execFileSync } from 'node:child_process';
import { dataType, isNetlinkError, Nftables } from 'node-nftables';
import { afterEach, beforeEach, expect, it } from 'vitest';

const COUNT = 100_000;
const table = { family: 'inet', name: 'live' } as const;
const map = {
  table,
  name: 'names',
  key: dataType.integer(21),
  data: dataType.mark,
  size: 2 * COUNT,
} as const;
const set = { table, name: 'addresses', key: dataType.ipv4Addr, size: 2 * COUNT } as const;

let nft: Nftables;
beforeEach(async () => {
  nft = new Nftables();
  await nft.transaction().addTable(table).addSet(map).addSet(set).commit();
});
afterEach(() => {
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

/** Chunks in buffers that are used again, as a reader of files would. */
function* chunks(from: number, to: number, size: number, length: number) {
  const keys = Buffer.alloc(size * length);
  const values = new Uint32Array(size);
  for (let start = from; start < to; start += size) {
    const count = Math.min(size, to - start);
    for (let index = 0; index < count; index++) {
      keys.writeUInt32BE(start + index, index * length);
      values[index] = (start + index) ^ 0xdead_0000;
    }
    yield { count, keys, values };
  }
}

async function* withoutValues(from: number, to: number) {
  for (const { count, keys } of chunks(from, to, 777, 4)) {
    await Promise.resolve();
    yield { count, keys };
  }
}

it('loads a map of 100,000 elements, lists it as it came and deletes a part', async () => {
  expect(await nft.addPacked(map, chunks(0, COUNT, 1500, 21))).toBe(COUNT);
  const seen = new Uint8Array(COUNT);
  let wrong = 0;
  await nft.visitElements(map, ({ key, data }) => {
    const number = key.readUInt32BE(0);
    seen[number] = (seen[number] ?? 0) + 1;
    if (data?.readUInt32LE(0) !== (number ^ 0xdead_0000) >>> 0) wrong++;
  });
  expect(wrong).toBe(0);
  expect(seen.every((times) => times === 1)).toBe(true);
  expect(await nft.deletePacked(map, chunks(1000, COUNT, 64, 21))).toBe(COUNT - 1000);
  expect(await nft.listElements(map)).toHaveLength(1000);
});

it('loads a set from an asynchronous source', async () => {
  expect(await nft.addPacked(set, withoutValues(0, 5000))).toBe(5000);
  expect(await nft.listElements(set)).toHaveLength(5000);
  expect(await nft.addPacked(set, [])).toBe(0);
});

it('says which elements were refused and keeps those before', async () => {
  await nft.addPacked(map, chunks(0, 20_000, 1000, 21));
  const error: unknown = await nft
    .deletePacked(map, chunks(19_000, 25_000, 1000, 21))
    .catch((reason) => reason);
  expect(isNetlinkError(error, 'ENOENT')).toBe(true);
  expect(String(error)).toMatch(/delete elements inet live\/names \(\d+ to \d+\): ENOENT/);
});

it('refuses chunks that do not hold what they say', async () => {
  const keys = Buffer.alloc(21 * 2);
  await expect(nft.addPacked(map, [{ count: 3, keys, values: new Uint32Array(3) }])).rejects.toMatchObject({
    code: 'EINVAL',
  });
  await expect(nft.addPacked(map, [{ count: 2, keys }])).rejects.toMatchObject({ code: 'EINVAL' });
  await expect(nft.addPacked(set, [{ count: 2, keys, values: new Uint32Array(2) }])).rejects.toMatchObject({
    code: 'EINVAL',
  });
});

it('takes no more memory for a million elements than its buffers', () => {
  const script = `import('node-nftables').then(async ({ dataType, Nftables }) => {
    const nft = new Nftables(), table = { family: 'inet', name: 'big' }, length = 24, count = 1_000_000, size = 2000;
    const map = { table, name: 'q24', key: dataType.integer(length), data: dataType.mark, size: count };
    await nft.transaction().addTable(table).addSet(map).commit();
    function* chunks() {
      const keys = Buffer.alloc(size * length), values = new Uint32Array(size);
      for (let start = 0; start < count; start += size) {
        for (let i = 0; i < size; i++) keys.writeUInt32BE(start + i, i * length);
        yield { count: size, keys, values };
      }
    }
    gc();
    const before = process.memoryUsage.rss();
    const loaded = await nft.addPacked(map, chunks());
    const peak = process.resourceUsage().maxRSS * 1024;
    await nft.transaction().deleteTable(table).commit();
    console.log(JSON.stringify({ loaded, growth: peak - before }));
    nft.close();
  })`;
  const output = execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', '-e', script], {
    encoding: 'utf8',
  });
  const { loaded, growth } = JSON.parse(output);
  expect(loaded).toBe(1_000_000);
  // The peak counts from the start of the process, so this is an upper bound.
  expect(growth).toBeLessThan(40e6);
});

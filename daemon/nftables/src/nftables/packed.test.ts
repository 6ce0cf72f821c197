import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Recorder } from '../testing/recorder.ts';
import * as dataType from './datatype.ts';
import { type ElementInfo, parseElements } from './element.ts';
import { Nftables } from './nftables.ts';
import type { PackedElements } from './packed.ts';

const table = { family: 'inet', name: 'home' } as const;

const elementsOf = (recorder: Recorder): ElementInfo[] =>
  recorder.messages
    .filter(({ type }) => [12, 14].includes(type & 0xff))
    .flatMap(({ payload }) => parseElements(payload));

function chunksOf(length: number, counts: readonly number[]): PackedElements[] {
  let next = 0;
  return counts.map((count) => {
    const keys = Buffer.alloc(count * length);
    const values = new Uint32Array(count);
    for (let index = 0; index < count; index++) {
      keys.fill(next & 0xff, index * length, (index + 1) * length);
      values[index] = (next++ * 2_654_435_761) >>> 0;
    }
    return { count, keys, values };
  });
}

it('encodes as a transaction of the same elements does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 64 }),
      fc.boolean(),
      fc.nat(40),
      async (length, isMap, count) => {
        const key = dataType.integer(length);
        const set = { table, name: 'names', key, ...(isMap ? { data: dataType.mark } : {}) };
        const [chunk] = chunksOf(length, [count]);
        if (chunk === undefined) throw new Error('no chunk');
        const packed = new Recorder();
        const { values, ...withoutValues } = chunk;
        await new Nftables(packed.open).addPacked(set, [isMap ? chunk : withoutValues]);
        const plain = new Recorder();
        const elements = Array.from({ length: count }, (_, index) => {
          const data = Buffer.alloc(4);
          data.writeUInt32LE(values?.[index] ?? 0);
          const bytes = chunk.keys.subarray(index * length, (index + 1) * length);
          return isMap ? { key: bytes, data } : { key: bytes };
        });
        await new Nftables(plain.open).transaction().addElements(set, elements).commit();
        expect(packed.datagrams).toEqual(plain.datagrams);
      },
    ),
  );
});

it('sends all, whatever the sizes of the chunks, in full transactions but the last', async () => {
  const set = { table, name: 'names', key: dataType.integer(21), data: dataType.mark } as const;
  for (const counts of [[5000], [1, 2999, 0, 2000], Array<number>(50).fill(100)]) {
    const recorder = new Recorder();
    expect(await new Nftables(recorder.open).addPacked(set, chunksOf(21, counts))).toBe(5000);
    const sent = elementsOf(recorder);
    expect(sent.map(({ data }) => data?.readUInt32LE(0))).toEqual(
      Array.from({ length: 5000 }, (_, index) => (index * 2_654_435_761) >>> 0),
    );
    const sizes = recorder.datagrams.map(({ length }) => length);
    expect(new Set(sizes.slice(0, -1)).size).toBe(1);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(65_000);
  }
});

it('deletes by key alone', async () => {
  const set = { table, name: 'names', key: dataType.integer(21), data: dataType.mark } as const;
  const recorder = new Recorder();
  const [chunk] = chunksOf(21, [3]);
  await new Nftables(recorder.open).deletePacked(set, [{ count: 3, keys: chunk?.keys ?? Buffer.alloc(0) }]);
  expect(elementsOf(recorder)).toMatchObject([{ data: undefined }, { data: undefined }, { data: undefined }]);
  expect(recorder.messages.map(({ type }) => type & 0xff)).toEqual([0x10, 14, 0x11]);
});

it('refuses maps whose data it cannot pack, before it reads the source', async () => {
  const never = {
    [Symbol.iterator]: () => expect.unreachable('the source was read'),
  };
  for (const data of ['verdict', dataType.inetService] as const) {
    const set = { table, name: 'names', key: dataType.mark, data };
    await expect(new Nftables(new Recorder().open).addPacked(set, never)).rejects.toMatchObject({
      code: 'EINVAL',
    });
  }
});

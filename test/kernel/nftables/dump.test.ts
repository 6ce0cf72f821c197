import { execFileSync } from 'node:child_process';
import { dataType, Nftables } from 'node-nftables';
import { afterEach, beforeEach, expect, it } from 'vitest';

const table = { family: 'inet', name: 'live' } as const;
const set = { table, name: 's', key: dataType.ipv4Addr, size: 200_000 } as const;
const COUNT = 100_000;

let nft: Nftables;
beforeEach(async () => {
  nft = new Nftables();
  const keys = Buffer.alloc(4 * COUNT);
  for (let index = 0; index < COUNT; index++) keys.writeUInt32BE(index, 4 * index);
  await nft.transaction().addTable(table).addSet(set).commit();
  await nft.addPacked(set, [{ count: COUNT, keys }]);
});
afterEach(() => {
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

it('of elements begins again when the ruleset changes under it', async () => {
  let restarts = 0;
  let seen = 0;
  await nft.visitElements(
    set,
    () => {
      seen++;
      if (seen === 1 && restarts < 2) execFileSync('nft', ['add', 'table', 'inet', `other${restarts}`]);
    },
    () => {
      restarts++;
      seen = 0;
    },
  );
  expect(restarts).toBe(2);
  expect(seen).toBe(COUNT);
});

it('of elements that cannot begin again says so', async () => {
  let first = true;
  const visit = () => {
    if (first) execFileSync('nft', ['add', 'table', 'inet', 'other']);
    first = false;
  };
  await expect(nft.visitElements(set, visit)).rejects.toMatchObject({ code: 'EINTR' });
});

it('runs beside others, and beside commits', async () => {
  const [elements, tables, sets] = await Promise.all([
    nft.listElements(set),
    nft.listTables(),
    nft.listSets(table),
    nft
      .transaction()
      .addElements(set, [{ key: Buffer.from([255, 0, 0, 1]) }])
      .commit(),
  ]);
  expect(elements.length).toBeGreaterThanOrEqual(COUNT);
  expect(tables).toHaveLength(1);
  expect(sets).toHaveLength(1);
});

it('is ended by close', async () => {
  const dump = nft.listElements(set);
  const commit = nft.transaction().deleteTable(table).commit();
  nft.close();
  await expect(dump).rejects.toMatchObject({ code: 'ECANCELED' });
  await expect(commit).rejects.toMatchObject({ code: 'ECANCELED' });
});

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { codeOf } from '@khien/shared/error';
import { type Id, newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SignedDocuments } from '../documents/documents.ts';
import {
  addChild,
  addHousehold,
  addRouter,
  type TemporaryStore,
  temporaryStore,
} from '../documents/home.fixture.ts';
import { manifestOf } from '../lists/manifest.ts';
import { openStore, type Store } from './open.ts';

const now = Date.UTC(2026, 5, 1, 5);

let temporary: TemporaryStore;
/** As many nodes as the engine can have. */
let nodes: Store[];

beforeEach(async () => {
  temporary = await temporaryStore();
  nodes = [temporary.store];
  if (temporary.store.engine === 'postgres') nodes.push(await openStore(temporary.location));
});
afterEach(async () => {
  for (const node of nodes.slice(1)) await node.close();
  await temporary.remove();
});

const key = { id: randomBytes(8).toString('hex'), key: generateKeyPairSync('ed25519').privateKey };
const documents = new SignedDocuments({
  key,
  catalogue,
  contacts: defaultContacts,
  lists: () => manifestOf(catalogue, null, []),
  now: () => now,
});

/** `times` of `work`, as many at once as there are, on all nodes in turn. */
const race = <T>(times: number, work: (node: Store, turn: number) => Promise<T>): Promise<T[]> =>
  Promise.all(
    Array.from({ length: times }, (_, turn) => {
      const node = nodes[turn % nodes.length];
      if (node === undefined) throw new Error('there is no node');
      return work(node, turn);
    }),
  );

test('changes of a household that race are one after the other: no version is lost or given twice', async () => {
  const household = await addHousehold(temporary.store, now);
  const router = await addRouter(temporary.store, household, now);
  const { profile } = await addChild(temporary.store, household, now);
  await temporary.store.ofHousehold(household, (trx) => documents.rebuild(trx, household));

  const versions = await race(30, (node, turn) =>
    node.ofHousehold(household, async (trx) => {
      await trx
        .updateTable('profile')
        .set({ name: `Mai ${turn}` })
        .where('id', '=', profile)
        .execute();
      expect(await documents.rebuild(trx, household)).toEqual([router]);
      const stored = await documents.stored(trx, router);
      return stored.find(({ kind }) => kind === 'policy')?.version;
    }),
  );
  expect(versions.sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 2));
  const { name } = await temporary.store.db.selectFrom('profile').select('name').executeTakeFirstOrThrow();
  const policy = (await documents.stored(temporary.store.db, router)).find(({ kind }) => kind === 'policy');
  expect(policy?.signed).toContain(name);
});

test('groups of households that overlap do not keep each other waiting for ever', async () => {
  const households: Id[] = [];
  for (let n = 0; n < 6; n += 1) households.push(await addHousehold(temporary.store, now));
  const before = Date.now();
  await race(24, (node, turn) => {
    const turned = [...households.slice(turn % 6), ...households.slice(0, turn % 6)];
    return node.ofHouseholds(turn % 2 === 0 ? turned : turned.reverse(), async (trx) => {
      for (const id of turned) {
        const row = await trx.selectFrom('household').select('name').where('id', '=', id).executeTakeFirst();
        await trx
          .updateTable('household')
          .set({ name: `${row?.name}+` })
          .where('id', '=', id)
          .execute();
      }
    });
  });
  // PostgreSQL looks for a deadlock after a second, so there was none.
  expect(Date.now() - before).toBeLessThan(15_000);
  const rows = await temporary.store.db.selectFrom('household').select('name').execute();
  expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: 6 }, () => `Nhà${'+'.repeat(24)}`));
});

test('a household that is gone is not worked on, alone; in a group it is left out', async () => {
  const household = await addHousehold(temporary.store, now);
  const gone = newId(now);
  const alone = temporary.store.ofHousehold(gone, () => Promise.resolve('done'));
  expect(await alone.catch(codeOf)).toBe('NOT_FOUND');
  expect(await temporary.store.ofHouseholds([gone, household], () => Promise.resolve('done'))).toBe('done');
  expect(await temporary.store.ofHouseholds([], () => Promise.resolve('done'))).toBe('done');
});

test('what fails within a transaction takes all of it back', async () => {
  const household = await addHousehold(temporary.store, now);
  const failing = temporary.store.ofHousehold(household, async (trx) => {
    await trx.updateTable('household').set({ name: 'half' }).execute();
    await trx.insertInto('member').values({ household, account: 'nobody', role: 'owner' }).execute();
  });
  await expect(failing).rejects.toThrow(/foreign key/i);
  expect(await temporary.store.db.selectFrom('household').select('name').execute()).toEqual([
    { name: 'Nhà' },
  ]);
});

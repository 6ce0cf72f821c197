import { readFileSync } from 'node:fs';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { referencesOf } from '../backup/table-order.ts';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { exportedTables, withheldTables } from './exported-tables.ts';

const MARK = 'Bông-zq7f3a';
const MAC = '02:00:00:00:00:01';
const exportSchema = z.object({
  khien: z.literal('household'),
  people: z.array(
    z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), role: z.string() }),
  ),
  tables: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
});

let cloud: TestCloud;
let parent: Parent;
let router: string;

beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  await parent.patch('', { name: MARK });
  const child = await parent.addChild();
  await parent.patch(`/profiles/${child}`, { name: MARK });
  router = await cloud.claimRouter(parent);
  const device = await cloud.findDevice(parent, router, MAC, MARK);
  await parent.patch(`/devices/${device}`, { profile: child });
});
afterEach(() => cloud.stop());

async function taken(who = parent): Promise<z.infer<typeof exportSchema>> {
  return exportSchema.parse((await who.get('/export')).json());
}

async function allLines(): Promise<string> {
  let text = '';
  for await (const line of backupLines(cloud.store, 0)) text += line;
  return text;
}

test('every table that leads to a household is exported, or withheld for a reason', async () => {
  const { references, columns } = await cloud.store.transaction(async (trx) => ({
    references: await referencesOf(cloud.store.engine, trx),
    columns: new Map(
      (await trx.introspection.getTables()).map(({ name, columns }) => [
        name,
        columns.map((one) => one.name),
      ]),
    ),
  }));
  const leading = new Set(['household']);
  for (const [table, names] of columns) if (names.includes('household')) leading.add(table);
  for (let size = 0; size < leading.size; ) {
    size = leading.size;
    for (const { child, parent: to } of references) if (leading.has(to)) leading.add(child);
  }
  const known = [...exportedTables.map(({ table }) => table), ...Object.keys(withheldTables)];
  expect([...leading].sort()).toEqual(known.sort());
  for (const { table, key, json = [], omit = [] } of exportedTables) {
    expect(columns.get(table), table).toEqual(expect.arrayContaining([...key, ...json, ...omit]));
    const shown = columns.get(table)?.filter((column) => !omit.includes(column)) ?? [];
    expect(
      shown.filter((column) => /token|secret|password/.test(column)),
      table,
    ).toEqual([]);
  }
});

test('an export has the family, the rules and what was told, unpacked', async () => {
  const { people, tables } = await taken();
  expect(people).toEqual([{ id: parent.account, name: 'Lan', email: parent.email, role: 'owner' }]);
  expect(tables.profile).toEqual([
    expect.objectContaining({ name: MARK, rules: expect.objectContaining({ quotas: expect.any(Array) }) }),
  ]);
  expect(tables.document?.length).toBeGreaterThan(0);
  expect(tables.event).toEqual([
    expect.objectContaining({ kind: 'device-found', payload: expect.objectContaining({ mac: MAC }) }),
  ]);
  expect(tables.audit).toEqual(
    expect.arrayContaining([expect.objectContaining({ kind: 'data-exported', name: 'Lan' })]),
  );
  expect(Object.keys(tables)).toEqual(exportedTables.map(({ table }) => table));
});

test('an export of many events has each once', async () => {
  const ids = Array.from({ length: 1_203 }, () => newId());
  const told = { at: cloud.now, timeSource: 'ntp', kind: 'device-found', mac: MAC } as const;
  await cloud.ingest.ingest(
    router,
    ids.map((id) => ({ ...told, id, hostname: null, fingerprint: null })),
  );
  const { tables } = await taken();
  const exported = (tables.event ?? []).map(({ id }) => id);
  expect(exported).toHaveLength(1_204);
  expect(new Set(exported).size).toBe(1_204);
  expect(exported).toEqual(expect.arrayContaining(ids));
});

test('an export has nothing of another family', async () => {
  const other = await cloud.signUp();
  await cloud.findDevice(other, await cloud.claimRouter(other), '02:00:00:00:00:02', 'another');
  const response = await other.get('/export');
  expect(response.headers['content-disposition']).toContain('attachment; filename="khien-2026-06-01.json"');
  expect(response.body).toContain('another');
  expect(response.body).not.toContain(MARK);
  expect((await taken()).tables.device).toHaveLength(1);
});

test('an export and an erasure ask for a sign-in that is not long ago', async () => {
  cloud.now += 16 * 60_000;
  expect((await parent.get('/export')).json()).toMatchObject({ code: 'REAUTHENTICATION_NEEDED' });
  const erasure = await parent.post('/erasure', { name: MARK });
  expect(erasure.json()).toMatchObject({ code: 'REAUTHENTICATION_NEEDED' });
});

test('an erased household is nowhere any more, not in the file either', async () => {
  const other = await cloud.signUp();
  await other.addChild();
  expect((await parent.post('/erasure', { name: 'Another' })).json()).toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(await allLines()).toContain(MARK);

  const response = await parent.post('/erasure', { name: ` ${MARK} ` });
  expect(response.statusCode).toBe(204);
  const left = await allLines();
  for (const trace of [MARK, MAC, parent.household, router]) expect(left).not.toContain(trace);
  expect(left).toContain(parent.email);
  expect((await other.home()).profiles).toHaveLength(1);
  expect((await parent.get('')).statusCode).toBe(404);
  expect(cloud.announced).toContainEqual({ router, document: null });
  await expect(cloud.ingest.ingest(router, [])).rejects.toMatchObject({ code: 'ROUTER_UNKNOWN' });

  if (cloud.store.engine === 'sqlite') {
    for (const file of [cloud.location, `${cloud.location}-wal`]) {
      expect(readFileSync(file).includes(MARK), file).toBe(false);
    }
  }
});

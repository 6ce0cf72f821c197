import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { temporaryDatabase } from '../documents/home.fixture.ts';
import { openStore, openUnchanged, type Store } from '../store/open.ts';
import { readBackupFile, writeBackupFile } from './file.ts';
import { restore } from './restore.ts';
import { backupLines } from './write.ts';

const AT = Date.UTC(2026, 5, 1);
const coded = (code: string) => expect.objectContaining({ code });

let cloud: TestCloud;
let folder: string;
const undo: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khien-backup-'));
  cloud = await TestCloud.start();
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

async function linesOf(store: Store): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of backupLines(store, AT)) lines.push(line.trimEnd());
  return lines;
}

/** An own order: the engines return rows in orders of theirs. */
const sorted = (lines: readonly string[]): string[] => [...lines].sort();

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** A family with a child, a router and what it told. */
async function live(): Promise<void> {
  const parent = await cloud.signUp();
  await parent.addChild();
  const router = await cloud.claimRouter(parent);
  for (let n = 0; n < 3; n += 1)
    await cloud.findDevice(parent, router, `02:00:00:00:00:0${n}`, 'Máy "của" Mai\n');
}

async function emptyDatabase(): Promise<string> {
  const { location, remove } = await temporaryDatabase();
  undo.push(remove);
  return location;
}

async function linesAt(location: string): Promise<string[]> {
  const store = await openStore(location);
  try {
    return await linesOf(store);
  } finally {
    await store.close();
  }
}

test('a restored database holds what was backed up, row by row', async () => {
  await live();
  const file = join(folder, 'khien.backup');
  await writeBackupFile(file, backupLines(cloud.store, AT));
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const location = await emptyDatabase();
  const rows = await restore(location, readBackupFile(file));
  const lines = await linesOf(cloud.store);
  expect(sorted(await linesAt(location))).toEqual(sorted(lines));
  expect(rows).toBe(JSON.parse(lines.at(-1) ?? '').rows);
  expect(rows).toBeGreaterThan(10);
});

test('a backup is of one instant, whatever is written meanwhile', async () => {
  await live();
  const before = await linesOf(cloud.store);
  const lines: string[] = [];
  let writing: Promise<unknown> | undefined;
  for await (const line of backupLines(cloud.store, AT)) {
    lines.push(line.trimEnd());
    writing ??= live();
  }
  await writing;
  expect(sorted(lines)).toEqual(sorted(before));
  expect((await linesOf(cloud.store)).length).toBeGreaterThan(before.length);
});

test('many rows come in several statements', async () => {
  const parent = await cloud.signUp();
  const router = await cloud.claimRouter(parent);
  const event = (): Parameters<typeof cloud.ingest.ingest>[1][number] => ({
    id: newId(),
    at: cloud.now,
    timeSource: 'ntp',
    kind: 'device-found',
    mac: '02:00:00:00:00:01',
    hostname: null,
    fingerprint: null,
  });
  await cloud.ingest.ingest(router, Array.from({ length: 2_500 }, event));
  const lines = await linesOf(cloud.store);
  const location = await emptyDatabase();
  await restore(location, each(lines));
  expect(sorted(await linesAt(location))).toEqual(sorted(lines));
});

describe('nothing is restored', () => {
  test('over what is there', async () => {
    await live();
    const lines = await linesOf(cloud.store);
    const location = await emptyDatabase();
    await restore(location, each(lines));
    await expect(restore(location, each(lines))).rejects.toThrow(coded('RESTORE_NOT_EMPTY'));
  });

  test('of a backup that breaks off, wherever it does', async () => {
    await live();
    const lines = await linesOf(cloud.store);
    const location = await emptyDatabase();
    for (const end of [1, 2, Math.floor(lines.length / 2), lines.length - 1]) {
      await expect(restore(location, each(lines.slice(0, end)))).rejects.toThrow(coded('BACKUP_INCOMPLETE'));
    }
    const lastRow = lines.findLastIndex((line) => line.startsWith('['));
    const lost = restore(location, each(lines.toSpliced(lastRow, 1)));
    await expect(lost).rejects.toThrow(coded('BACKUP_INCOMPLETE'));
    const account = lines.findIndex((line) => line.startsWith('['));
    const orphaned = restore(location, each(lines.toSpliced(account, 1)));
    await expect(orphaned).rejects.toThrow(coded('BACKUP_UNREADABLE'));
    await restore(location, each(lines));
  });

  test.each([
    ['nothing', '', 'BACKUP_UNREADABLE'],
    ['another file', '{"hello":1}', 'BACKUP_UNREADABLE'],
    ['one of a newer version', '{"khien":"backup","form":1,"steps":["9999-future"],"at":0}', 'BACKUP_NEWER'],
  ])('of %s', async (_what, header, code) => {
    await expect(restore(await emptyDatabase(), each([header]))).rejects.toThrow(coded(code));
  });

  test.each([
    ['rows before any table', '["a"]'],
    ['a table that is none of ours', '{"table":"pg_class","columns":["oid"]}'],
    ['columns that are none of ours', '{"table":"account","columns":["id","admin"]}'],
    ['a line that is no JSON', '{"table"'],
    ['a value that no column has', '[{"a":1}]'],
  ])('of %s', async (_what, line) => {
    const [header = ''] = await linesOf(cloud.store);
    await expect(restore(await emptyDatabase(), each([header, line]))).rejects.toThrow(
      coded('BACKUP_UNREADABLE'),
    );
  });
});

describe('a file', () => {
  test('that is damaged or cut is not read', async () => {
    await live();
    const file = join(folder, 'khien.backup');
    await writeBackupFile(file, backupLines(cloud.store, AT));
    const whole = readFileSync(file);
    const location = await emptyDatabase();
    const damaged = Buffer.from(whole);
    const middle = Math.floor(whole.length / 2);
    damaged.writeUInt8(damaged.readUInt8(middle) ^ 0xff, middle);
    for (const content of [whole.subarray(0, middle), whole.subarray(0, -4), damaged, Buffer.from('hello')]) {
      writeFileSync(file, content);
      await expect(restore(location, readBackupFile(file))).rejects.toThrow(coded('BACKUP_UNREADABLE'));
    }
    await expect(restore(location, readBackupFile(join(folder, 'none')))).rejects.toThrow(
      coded('BACKUP_UNREADABLE'),
    );
    writeFileSync(file, whole);
    await restore(location, readBackupFile(file));
  });

  test('that is there already is left as it is', async () => {
    const file = join(folder, 'khien.backup');
    writeFileSync(file, 'precious');
    await expect(writeBackupFile(file, each(['a\n']))).rejects.toThrow(coded('BACKUP_EXISTS'));
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  test('that cannot be finished is not there', async () => {
    const breaking = async function* (): AsyncGenerator<string> {
      yield 'a line\n';
      await Promise.reject(new Error('the database is gone'));
    };
    await expect(writeBackupFile(join(folder, 'khien.backup'), breaking())).rejects.toThrow('gone');
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('a store that is not there is not made for a backup', () => {
  expect(() => openUnchanged(join(folder, 'none.sqlite'))).toThrow(coded('STORE_UNREADABLE'));
});

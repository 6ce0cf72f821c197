import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { temporaryDatabase } from '../documents/home.fixture.ts';
import { openStore } from '../store/open.ts';
import { restore } from './restore.ts';
import { backupLines } from './write.ts';

async function linesAt(location: string): Promise<string[]> {
  const store = await openStore(location);
  const lines: string[] = [];
  for await (const line of backupLines(store, 0)) lines.push(line.trimEnd());
  await store.close();
  return lines;
}

const rowsOf = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('[')).sort();

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

test('a family moves from PostgreSQL into the embedded database and back', async () => {
  const cloud = await TestCloud.start();
  const folder = mkdtempSync(join(tmpdir(), 'khien-engines-'));
  const other = await temporaryDatabase();
  try {
    const parent = await cloud.signUp();
    await parent.addChild();
    await cloud.findDevice(parent, await cloud.claimRouter(parent), '02:00:00:00:00:01');
    const lines: string[] = [];
    for await (const line of backupLines(cloud.store, 0)) lines.push(line.trimEnd());

    const file = join(folder, 'khien.sqlite');
    await restore(file, each(lines));
    const embedded = await linesAt(file);
    expect(rowsOf(embedded)).toEqual(rowsOf(lines));
    await restore(other.location, each(embedded));
    expect(rowsOf(await linesAt(other.location))).toEqual(rowsOf(lines));
  } finally {
    await other.remove();
    rmSync(folder, { recursive: true });
    await cloud.stop();
  }
});

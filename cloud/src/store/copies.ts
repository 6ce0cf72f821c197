import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Instant } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { sql } from 'kysely';
import type { Store } from './open.ts';

/** For who wants to go back to the version before. Families that have erased their data since are in a copy all the same. */
const COPIES_KEPT = 30 * DAY;

/** Where the embedded database is copied to before this step of its migration. */
export function copyBefore(path: string, step: string): string {
  return `${path}.before-${step}`;
}

/** Deletes copies that the embedded database made of itself before it migrated, where they are older than they are kept. */
export async function sweepCopies({ db, engine }: Pick<Store, 'db' | 'engine'>, now: Instant): Promise<void> {
  if (engine === 'postgres') return;
  const { rows } = await sql<{
    file: string;
  }>`select file from pragma_database_list where name = 'main'`.execute(db);
  for (const { file } of rows) {
    const folder = dirname(file);
    for (const name of await readdir(folder)) {
      if (!name.startsWith(copyBefore(basename(file), ''))) continue;
      const copy = join(folder, name);
      if ((await stat(copy)).mtimeMs <= now - COPIES_KEPT) await rm(copy);
    }
  }
}

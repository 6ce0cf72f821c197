import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noDocuments, openDocument } from '@khien/shared/document';
import type { Identity } from '@khien/shared/enrolment';
import { codeOf } from '@khien/shared/error';
import { readFileIfThere } from '../storage/atomic-file.ts';
import { trustOf } from '../uplink/identity-file.ts';
import type { StoredPolicy } from './policy.ts';
import type { FolderAccess } from './storage.ts';

/*
 * Reads what the daemon keeps in its state folder, without the daemon's own ways of doing so: those make what is missing,
 * and set aside what is damaged.
 */

export const folderAccess: FolderAccess = {
  async tryWrite(folder) {
    const file = join(folder, `doctor-${process.pid}`);
    try {
      await writeFile(file, 'khiend doctor', { mode: 0o600 });
    } finally {
      await rm(file, { force: true });
    }
  },
  async space(folder) {
    const { bsize, bavail, blocks } = await statfs(folder);
    return { free: bsize * bavail, total: bsize * blocks };
  },
};

/** The router's private key; undefined where there is none. Rejects where it is damaged. */
export async function readKey(stateFolder: string): Promise<KeyObject | undefined> {
  const pem = await readFileIfThere(join(stateFolder, 'router.key'));
  return pem && createPrivateKey(pem);
}

/** The stored policy as the daemon would take it up. */
export async function readStoredPolicy(
  stateFolder: string,
  load: () => Promise<Identity | undefined>,
): Promise<StoredPolicy> {
  const bytes = await readFileIfThere(join(stateFolder, 'policy.json'));
  if (bytes === undefined) return undefined;
  try {
    const identity = await load();
    if (identity === undefined) return 'IDENTITY_MISSING';
    const { document } = openDocument(bytes, { ...trustOf(identity), newest: noDocuments });
    return document.kind === 'policy' ? document.version : 'DOCUMENT_OTHER_KIND';
  } catch (error) {
    return codeOf(error);
  }
}

/** What the outbox takes, in bytes, and how many damaged ones were set aside. */
export async function outboxOnDisk(stateFolder: string): Promise<{ bytes: number; setAside: number }> {
  const kept = await listOrNothing(stateFolder);
  let bytes = 0;
  for (const file of await listOrNothing(join(stateFolder, 'outbox'))) {
    // LevelDB may have taken it away meanwhile.
    const found = await stat(join(stateFolder, 'outbox', file)).catch(() => undefined);
    bytes += found?.size ?? 0;
  }
  return { bytes, setAside: kept.filter((name) => name.startsWith('outbox.damaged-')).length };
}

async function listOrNothing(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

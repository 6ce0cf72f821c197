import { dirname } from 'node:path';
import { codeOf } from '@khien/shared/error';
import { type Files, systemFiles } from './files.ts';

/**
 * Replaces a file so that a power cut leaves the old content or the new, never a mix: written beside it, synced, renamed,
 * and the folder synced (POSIX rename; ext4, UBIFS and overlayfs keep it). Where it rejects, either may be there.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  { mode = 0o600, files = systemFiles }: { readonly mode?: number; readonly files?: Files } = {},
): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await synced(await files.open(temporary, 'w', mode), (file) => file.writeFile(content));
    await files.rename(temporary, path);
  } catch (error) {
    // Where flash is full, what could not be finished would keep it so.
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
  await synced(await files.open(dirname(path), 'r'));
}

async function synced(
  file: Awaited<ReturnType<Files['open']>>,
  write?: (opened: typeof file) => Promise<void>,
): Promise<void> {
  try {
    await write?.(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The content of a file, or undefined where there is none. */
export async function readFileIfThere(path: string, files: Files = systemFiles): Promise<Buffer | undefined> {
  try {
    return await files.readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moves what is damaged out of the way, beside its place. Rejects where flash takes nothing; it stays then. */
export function setAside(path: string, files: Files = systemFiles): Promise<void> {
  return files.rename(path, `${path}.damaged`);
}

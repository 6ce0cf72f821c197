import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { codeOf, KhienError } from '@khien/shared/error';

/**
 * Writes the lines of a backup. The file is there under its name only when it is whole and on the disk; nobody but the
 * user who made it may read it, for the keys of the cloud are in it.
 *
 * @throws KhienError `BACKUP_EXISTS`; the system's error where it cannot be written
 */
export async function writeBackupFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  // Made first, so that a name that is taken is told before the work. It holds the name while the work is done.
  const place = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    if (codeOf(cause) !== 'EEXIST') throw cause;
    throw new KhienError('BACKUP_EXISTS', `${path} is there already`, { cause });
  });
  await place.close();
  const unfinished = `${path}.unfinished`;
  try {
    const out = createWriteStream(unfinished, { mode: 0o600, flush: true });
    await pipeline(Readable.from(lines), createGzip(), out);
    await rename(unfinished, path);
    const folder = await open(dirname(path));
    await folder.sync();
    await folder.close();
  } catch (error) {
    await rm(unfinished, { force: true });
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * The lines of a backup.
 *
 * @throws KhienError `BACKUP_UNREADABLE`, also where the file is damaged or breaks off: gzip has a checksum
 */
export async function* readBackupFile(path: string): AsyncGenerator<string> {
  const plain = createGunzip().setEncoding('utf8');
  const reading = pipeline(createReadStream(path), plain);
  // The loop below throws the same.
  reading.catch(() => undefined);
  try {
    yield* splitLines(plain);
  } catch (cause) {
    throw new KhienError('BACKUP_UNREADABLE', `${path} cannot be read: ${codeOf(cause)}`, { cause });
  } finally {
    plain.destroy();
  }
}

async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

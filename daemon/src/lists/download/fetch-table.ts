import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, isKhienError, KhienError } from '@khien/shared/error';
import { TableFile } from '../table-file.ts';
import { type DownloadJob, noSpace } from './job.ts';
import { type Body, openBody } from './open-body.ts';

/**
 * Downloads a table, going on where an earlier try got to, and puts it in its place when it is proven: length and hash as
 * the cloud has signed them, and a table in form. Until then nothing but the part file is touched; one that is wrong is
 * removed, one that is only not complete stays.
 *
 * @throws KhienError `LIST_NO_SPACE`, `LIST_INTERRUPTED`, `LIST_GONE`, `LIST_HTTP`, `LIST_TOO_LARGE`, `LIST_CHECKSUM`,
 *   `LIST_CORRUPT`, `LIST_UNSUPPORTED`, `CLOUD_UNREACHABLE`
 */
export async function fetchTable(job: DownloadJob): Promise<void> {
  await mkdir(dirname(job.part), { recursive: true, mode: 0o700 });
  let have = await sizeOf(job.part);
  if (have > job.bytes) {
    await rm(job.part);
    have = 0;
  }
  await checkSpace(job, job.bytes - have);
  if (have < job.bytes) await receive(job, have);
  try {
    await prove(job);
  } catch (error) {
    await rm(job.part, { force: true });
    throw error;
  }
  await putInPlace(job);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

async function checkSpace({ part, reserve }: DownloadJob, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(part));
  if (bavail * bsize < needed + reserve) throw noSpace();
}

async function receive(job: DownloadJob, have: number): Promise<void> {
  const authority = job.authority === undefined ? undefined : readFileSync(job.authority, 'utf8');
  const body = await openBody(new URL(job.url), {
    from: have,
    etag: `"${job.sha256}"`,
    authority,
    idleMs: job.idleMs,
    tryMs: job.tryMs,
  });
  // Where the server does not go on where we are, it begins anew.
  const file = await open(job.part, body.from === 0 ? 'w' : 'a', 0o600);
  try {
    await append(file, body, job.bytes);
  } finally {
    await file.close();
  }
}

async function append(file: FileHandle, body: Body, most: number): Promise<void> {
  let size = body.from;
  try {
    for await (const chunk of body.chunks) {
      size += chunk.length;
      if (size > most)
        throw new KhienError('LIST_TOO_LARGE', `more than the ${most} bytes that were announced`);
      await file.writeFile(chunk);
    }
  } catch (cause) {
    if (codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT') throw noSpace(cause);
    if (isKhienError(cause)) throw cause;
    throw interrupted(size, most, cause);
  } finally {
    body.close();
    // What has come is there also after a power cut; where it cannot be, the next try begins earlier.
    await file.sync().catch(() => undefined);
  }
  if (size < most) throw interrupted(size, most);
}

function interrupted(size: number, most: number, cause?: unknown): KhienError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new KhienError('LIST_INTERRUPTED', `${size} of ${most} bytes came${why}`, { cause });
}

async function prove({ part, bytes, sha256 }: DownloadJob): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(part, 'r');
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 16 })) {
    if (!Buffer.isBuffer(chunk)) continue;
    hash.update(chunk);
    size += chunk.length;
  }
  if (size !== bytes || hash.digest('hex') !== sha256) {
    throw new KhienError('LIST_CHECKSUM', 'what came is not what the cloud has signed');
  }
  (await TableFile.open(part)).close();
}

/** On disk, whole and in its place, when it resolves. */
async function putInPlace({ part, target }: DownloadJob): Promise<void> {
  for (const path of [part, dirname(target)]) {
    const file = await open(path, 'r');
    if (path !== part) await rename(part, target);
    await file.sync();
    await file.close();
  }
}

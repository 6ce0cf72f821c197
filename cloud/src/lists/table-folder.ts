import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, KhienError } from '@khien/shared/error';
import {
  CHECKED_FROM,
  LONGEST_HEADER,
  listTableSchema,
  parseTableHeader,
  type TableHeader,
  tableCorrupt,
} from '@khien/shared/list';
import * as z from 'zod/mini';

/** Which table is published, in the folder of tables. */
const POINTER = 'published.json';
const tableNamePattern = /^[0-9a-f]{64}\.khl$/;

const publishedSchema = z.object({
  table: listTableSchema,
  /** Names by category bit. */
  counts: z.array(z.int().check(z.nonnegative())).check(z.length(16)),
});
export type Published = z.infer<typeof publishedSchema>;

/** The compiled tables that this cloud serves, each under the hash of its content, and which of them is published. */
export class TableFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a table is; undefined for what is no table's name. */
  pathOf(name: string): string | undefined {
    return tableNamePattern.test(name) ? join(this.#folder, name) : undefined;
  }

  /**
   * What is published; undefined where nothing is.
   *
   * @throws KhienError `LIST_UNREADABLE`
   */
  async published(): Promise<Published | undefined> {
    try {
      return publishedSchema.parse(JSON.parse(await readFile(join(this.#folder, POINTER), 'utf8')));
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined;
      throw new KhienError('LIST_UNREADABLE', `${POINTER} of the lists cannot be read`, { cause });
    }
  }

  /**
   * Copies a compiled table here after checking all of it, and makes it the published one. The one that was published
   * before stays for routers that are fetching it; older ones go.
   *
   * @throws KhienError `LIST_CORRUPT`, `LIST_UNSUPPORTED`, `LIST_UNREADABLE`
   */
  async publish(file: string): Promise<Published> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const before = await this.published().catch(() => undefined);
    const arriving = join(this.#folder, 'arriving.new');
    const { header, bytes, sha256 } = await copyChecked(file, arriving);
    const name = `${sha256}.khl`;
    await rename(arriving, join(this.#folder, name));
    const published: Published = {
      table: { version: header.version, path: `/lists/${name}`, bytes, sha256 },
      counts: [...header.counts],
    };
    const pointer = join(this.#folder, POINTER);
    await synced(`${pointer}.new`, (to) => to.writeFile(JSON.stringify(published, null, 2)));
    await rename(`${pointer}.new`, pointer);
    await this.#removeAllBut([name, `${before?.table.sha256}.khl`]);
    return published;
  }

  async #removeAllBut(names: readonly string[]): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (tableNamePattern.test(name) && !names.includes(name)) await rm(join(this.#folder, name));
    }
  }
}

interface Copied {
  readonly header: TableHeader;
  readonly bytes: number;
  readonly sha256: string;
}

async function copyChecked(from: string, to: string): Promise<Copied> {
  const header = await headerOf(from);
  const whole = createHash('sha256');
  const checked = createHash('sha256');
  let bytes = 0;
  await synced(to, async (copy) => {
    for await (const chunk of chunksOf(from)) {
      whole.update(chunk);
      updateFrom(checked, chunk, CHECKED_FROM - bytes);
      bytes += chunk.length;
      await copy.writeFile(chunk);
    }
  });
  if (bytes !== header.fileLength || !checked.digest().equals(header.checksum)) {
    await rm(to, { force: true });
    throw tableCorrupt('its checksum or length differs');
  }
  return { header, bytes, sha256: whole.digest('hex') };
}

function updateFrom(hash: Hash, chunk: Buffer, from: number): void {
  if (from < chunk.length) hash.update(from > 0 ? chunk.subarray(from) : chunk);
}

async function headerOf(file: string): Promise<TableHeader> {
  const opened = await open(file, 'r').catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  try {
    const first = Buffer.alloc(LONGEST_HEADER);
    const { bytesRead } = await opened.read(first, 0, first.length, 0);
    return parseTableHeader(first.subarray(0, bytesRead));
  } finally {
    await opened.close();
  }
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
    if (Buffer.isBuffer(chunk)) yield chunk;
  }
}

/** Writes a file and waits until it is on disk. */
async function synced(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

function unreadable(file: string, cause: unknown): KhienError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KhienError('LIST_UNREADABLE', `cannot read ${file}: ${why}`, { cause });
}

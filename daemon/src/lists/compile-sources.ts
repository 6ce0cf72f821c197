import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { catalogue, categoryById } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import { type CompiledTable, TableCompiler } from './compile.ts';
import type { SourceFormat } from './sources/format.ts';
import { readSource, type SourceReport } from './sources/read-source.ts';

const READ_BYTES = 256 * 1024;

export interface Source {
  /** Id of the category that its names are of. */
  readonly category: string;
  readonly file: string;
}

export interface CompileSourcesOptions {
  /** Told by each source's first lines where absent. */
  readonly format?: SourceFormat;
  readonly version?: string;
  /** Is told what is done, and how much of it: 0 … 1. */
  readonly progress?: (step: 'reading' | 'sorting', share: number) => void;
}

/**
 * Compiles files of any supported format into one table.
 *
 * @throws KhienError `LIST_CATEGORY` for a category that has no place in tables, `LIST_UNREADABLE` for a file that cannot
 *   be read, `LIST_VERSION`
 */
export async function compileSources(
  sources: readonly Source[],
  options: CompileSourcesOptions,
): Promise<{ table: CompiledTable; reports: SourceReport[] }> {
  const { format, version, progress } = options;
  const bits = sources.map(({ category }) => bitOf(category));
  const sizes = await Promise.all(sources.map(({ file }) => sizeOf(file)));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const compiler = new TableCompiler();
  const reports: SourceReport[] = [];
  let read = 0;
  for (const [index, { file }] of sources.entries()) {
    const bit = bits[index] ?? 0;
    const sink = {
      name: (name: string) => compiler.add(bit, name),
      exception: (name: string) => compiler.except(bit, name),
    };
    const bytes = chunksOf(file, (size) => {
      read += size;
      progress?.('reading', all === 0 ? 1 : read / all);
    });
    reports.push(await readSource(bytes, sink, format));
  }
  const table = compiler.finish({
    ...(version === undefined ? {} : { version }),
    progress: (done, count) => progress?.('sorting', done / count),
  });
  return { table, reports };
}

function bitOf(category: string): number {
  const bit = categoryById(category)?.bit;
  if (typeof bit === 'number') return bit;
  const known = catalogue.categories.filter((each) => each.bit !== null).map(({ id }) => id);
  throw new KhienError(
    'LIST_CATEGORY',
    `no list can be of the category ${category}; there are ${known.join(', ')}`,
  );
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function* chunksOf(file: string, done: (size: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: READ_BYTES })) {
      if (!Buffer.isBuffer(chunk)) continue;
      yield chunk;
      done(chunk.length);
    }
  } catch (cause) {
    if (cause instanceof KhienError) throw cause;
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): KhienError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KhienError('LIST_UNREADABLE', `cannot read ${file}: ${why}`, { cause });
}

import { catalogue } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import { writeFileAtomically } from '../../storage/atomic-file.ts';
import type { CompiledTable } from '../compile.ts';
import { compileSources, type Source } from '../compile-sources.ts';
import { type SourceFormat, sourceFormats } from '../sources/format.ts';
import type { SourceReport } from '../sources/read-source.ts';
import { Progress } from './progress.ts';
import { countsByCategory, number } from './text.ts';
import { WrongCall } from './wrong-call.ts';

export interface CompileCall {
  readonly out: string | undefined;
  readonly categories: readonly string[];
  readonly format: string | undefined;
  readonly version: string | undefined;
  readonly json: boolean;
}

export async function compileCommand(call: CompileCall): Promise<number> {
  const { out, version } = call;
  if (out === undefined) throw new WrongCall('khiend lists compile wants --out FILE');
  const sources = call.categories.map(sourceIn);
  if (sources.length === 0) throw new WrongCall('khiend lists compile wants --category ID=FILE');
  const format = call.format === undefined ? undefined : formatIn(call.format);

  const started = performance.now();
  const progress = new Progress();
  const { table, reports } = await compileSources(sources, {
    ...(format === undefined ? {} : { format }),
    ...(version === undefined ? {} : { version }),
    progress: (step, share) => progress.show(`${step} ${Math.floor(share * 100)} %`),
  });
  progress.show('writing');
  await write(out, table);
  progress.end();

  const cost = {
    seconds: (performance.now() - started) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  const { pieces, ...compiled } = table;
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  if (call.json) {
    const read = sources.map((source, index) => ({ ...source, ...reports[index] }));
    console.log(JSON.stringify({ sources: read, table: { file: out, bytes, ...compiled }, cost }, null, 2));
    return 0;
  }
  sources.forEach((source, index) => {
    const report = reports[index];
    if (report !== undefined) console.log(sourceText(source, report));
  });
  console.log(`${out}: version ${table.version}, ${number(table.entries)} entries, ${number(bytes)} bytes`);
  console.log(
    `  ${number(table.repeated)} repeated, ${number(table.covered)} covered by a name above, ${number(table.excepted)} excepted`,
  );
  for (const { id, names } of countsByCategory(catalogue, table.counts))
    console.log(`  ${id} ${number(names)}`);
  console.log(`  in ${cost.seconds.toFixed(1)} s, with ${(cost.peakBytes / 1e6).toFixed(0)} MB at most`);
  return 0;
}

function sourceIn(text: string): Source {
  const match = /^([^=]+)=(.+)$/.exec(text);
  const [, category, file] = match ?? [];
  if (category === undefined || file === undefined)
    throw new WrongCall(`--category wants ID=FILE, not ${text}`);
  return { category, file };
}

function formatIn(text: string): SourceFormat {
  const format = sourceFormats.find((known) => known === text);
  if (format === undefined)
    throw new WrongCall(`--format is one of ${sourceFormats.join(', ')}, not ${text}`);
  return format;
}

async function write(path: string, table: CompiledTable): Promise<void> {
  try {
    await writeFileAtomically(path, Buffer.concat(table.pieces), { mode: 0o644 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KhienError('LIST_UNWRITABLE', `cannot write ${path}: ${why}`, { cause });
  }
}

function sourceText({ category, file }: Source, report: SourceReport): string {
  const { format, lines, names, exceptions } = report;
  const rejected = Object.entries(report.rejected).map(
    ([why, { count, firstLine }]) => `${number(count)} ${why} (first in line ${number(firstLine)})`,
  );
  return [
    `${category}: ${file}: ${format}, ${number(lines)} lines, ${number(names)} names, ${number(exceptions)} exceptions`,
    ...(rejected.length === 0 ? [] : [`  not taken: ${rejected.join(', ')}`]),
  ].join('\n');
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { NameGenerator } from '../names.ts';

/** The same as dns-cost's. */
export const SEED = 830;
/** Fewer than dnsmasq's cache holds, and than the decisions that the responder remembers. */
export const WARM_NAMES = 500;

/** What is asked for: the first two are in every cache there is. */
export const questions = ['allowed', 'blocked', 'blocked, many names'] as const;
export type Question = (typeof questions)[number];

/** Files with one name a line, by what is asked for. */
export type QueryFiles = Readonly<Record<Question, string>>;

export interface Workload {
  /** The names that all block. */
  readonly names: readonly string[];
  /** The same as the project's compiled list, of the one category with bit 0. */
  readonly list: string;
  readonly queries: QueryFiles;
}

export function writeWorkload(count: number, folder: string): Workload {
  const generator = new NameGenerator(SEED);
  const names = generator.listed(count);
  const compiler = new TableCompiler();
  for (const name of names) compiler.add(0, name);
  const list = join(folder, 'list.khl');
  writeFileSync(list, Buffer.concat(compiler.finish().pieces));
  const write = (file: string, lines: readonly string[]) => {
    const path = join(folder, file);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  const blocked = generator.blocked(4096, names);
  const queries = {
    allowed: write('allowed.txt', generator.allowed(WARM_NAMES, new Set(names))),
    blocked: write('blocked.txt', blocked.slice(0, WARM_NAMES)),
    'blocked, many names': write('blocked-many.txt', blocked),
  };
  return { names, list, queries };
}

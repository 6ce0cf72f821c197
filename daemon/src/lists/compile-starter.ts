import { readFile } from 'node:fs/promises';
import { categoryById, starterLists } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import { writeFileAtomically } from '../storage/atomic-file.ts';
import { type CompiledTable, TableCompiler } from './compile.ts';

const CATALOGUE_FOLDER = new URL('../../../shared/src/catalogue/', import.meta.url);

/**
 * Compiles the catalogue's starter lists into the file `target`. A build step: it reads the catalogue's folder.
 *
 * @throws KhienError `LIST_CATEGORY` for a starter list of a category without a bit
 */
export async function compileStarter(target: string): Promise<Omit<CompiledTable, 'pieces'>> {
  const compiler = new TableCompiler();
  for (const { category, file } of starterLists) {
    const bit = categoryById(category)?.bit;
    if (typeof bit !== 'number') {
      throw new KhienError('LIST_CATEGORY', `the category ${category} of ${file} has no bit`);
    }
    const text = await readFile(new URL(file, CATALOGUE_FOLDER), 'utf8');
    for (const line of text.split('\n')) compiler.add(bit, line);
  }
  const { pieces, entries, rejected } = compiler.finish();
  await writeFileAtomically(target, Buffer.concat(pieces), 0o644);
  return { entries, rejected };
}

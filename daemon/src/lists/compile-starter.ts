import { readFile } from 'node:fs/promises';
import { categoryById, starterLists } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import { isDnsName } from '@khien/shared/name';
import { writeFileAtomically } from '../storage/atomic-file.ts';
import { type CompiledTable, TableCompiler } from './compile.ts';

const CATALOGUE_FOLDER = new URL('../../../shared/src/catalogue/', import.meta.url);

/**
 * Compiles the catalogue's starter lists into the file `target`. A build step: it reads the catalogue's folder.
 *
 * @throws KhienError `LIST_CATEGORY` for a starter list of a category without a bit, `LIST_NAME` for a line that is no name
 */
export async function compileStarter(target: string): Promise<Omit<CompiledTable, 'pieces'>> {
  const compiler = new TableCompiler();
  for (const { category, file } of starterLists) {
    const bit = categoryById(category)?.bit;
    if (typeof bit !== 'number') {
      throw new KhienError('LIST_CATEGORY', `the category ${category} of ${file} has no bit`);
    }
    const text = await readFile(new URL(file, CATALOGUE_FOLDER), 'utf8');
    for (const line of text.split('\n')) {
      const name = line.replace(/#.*/, '').trim();
      if (name === '') continue;
      if (!isDnsName(name)) throw new KhienError('LIST_NAME', `${file}: ${name} is no name`);
      compiler.add(bit, name);
    }
  }
  const { pieces, ...compiled } = compiler.finish();
  await writeFileAtomically(target, Buffer.concat(pieces), { mode: 0o644 });
  return compiled;
}

import { catalogue } from '@khien/shared/catalogue';
import { nameInText } from '../sources/name-in-text.ts';
import { TableFile } from '../table-file.ts';
import { WrongCall } from './wrong-call.ts';

/** Which names of a compiled list a name is or is below. Throws KhienError as `TableFile.open`. */
export async function findCommand(file: string, text: string, json: boolean): Promise<number> {
  const asked = nameInText(text);
  if ('why' in asked) throw new WrongCall(`${text} is no name of two labels or more`);
  const table = await TableFile.open(file);
  const found = table.lookup(asked.name).map(({ name, mask }) => ({ name, categories: categoriesIn(mask) }));
  table.close();
  if (json) console.log(JSON.stringify({ name: asked.name, found }, null, 2));
  else if (found.length === 0) console.log(`${asked.name} is not listed`);
  else for (const { name, categories } of found) console.log(`${name}: ${categories.join(', ')}`);
  return found.length === 0 ? 1 : 0;
}

function categoriesIn(mask: number): string[] {
  return catalogue.categories
    .filter(({ bit }) => bit !== null && (mask & (1 << bit)) !== 0)
    .map(({ id }) => id);
}

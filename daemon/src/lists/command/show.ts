import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { catalogue } from '@khien/shared/catalogue';
import { TableFile } from '../table-file.ts';
import { countsByCategory, number } from './text.ts';

/** What is in a compiled list. Throws KhienError as `TableFile.open`. */
export async function showCommand(file: string, json: boolean): Promise<number> {
  const table = await TableFile.open(file);
  const { version, entries, counts, sections, fileLength } = table.header;
  table.close();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  const shown = {
    version,
    entries,
    bytes: fileLength,
    sha256: hash.digest('hex'),
    categories: countsByCategory(catalogue, counts),
    lengths: sections.map(({ keyLength, count }) => ({ wireLength: keyLength, entries: count })),
  };
  if (json) {
    console.log(JSON.stringify(shown, null, 2));
    return 0;
  }
  console.log(`version ${version}, ${number(entries)} entries, ${number(fileLength)} bytes`);
  console.log(`sha256 ${shown.sha256}`);
  for (const { id, names } of shown.categories) console.log(`  ${id} ${number(names)}`);
  const [shortest, longest] = [sections[0], sections.at(-1)];
  if (shortest !== undefined && longest !== undefined) {
    console.log(`  names of ${shortest.keyLength} to ${longest.keyLength} bytes in wire format`);
  }
  return 0;
}

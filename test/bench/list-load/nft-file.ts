import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { keyLengthFor, nameOfMap } from '../../../daemon/src/enforce/name-map.ts';
import { type NameBlock, NameTable } from '../../../daemon/src/enforce/name-table.ts';
import type { NameLists } from '../../../daemon/src/lists/name-lists.ts';

/** How nft may be given a key: as one number, or as a concatenation of 32-bit words. */
export type KeyForm = 'numbers' | 'words';

/**
 * Writes a file for `nft -f` with plain maps of the same key lengths, sizes and elements as the classifier's: nft cannot say
 * which bits of a query's name its keys are compared with, but it can say the keys.
 */
export async function writeNftFile(
  path: string,
  lists: NameLists,
  mask: number,
  { form, sizes }: { readonly form: KeyForm; readonly sizes: ReadonlyMap<number, number> },
): Promise<void> {
  const file = createWriteStream(path);
  const write = async (text: string) => {
    if (!file.write(text)) await once(file, 'drain');
  };
  let map = 0;
  await write('table inet plain {\n');
  for (const block of new NameTable(new Map(), lists, mask).blocks()) {
    if (block.wireLength !== map) {
      if (map !== 0) await write('}\n}\n');
      map = block.wireLength;
      const type = form === 'numbers' ? `typeof @th,0,${keyLengthFor(map) * 8} : meta mark` : words(map);
      await write(`map ${nameOfMap(map)} { ${type}; size ${sizes.get(map) ?? 0}; elements = {\n`);
    }
    await write(elements(block, form));
  }
  await write('}\n}\n}\n');
  file.end();
  await finished(file);
}

function words(wireLength: number): string {
  return `type ${Array(Math.ceil(keyLengthFor(wireLength) / 4))
    .fill('mark')
    .join(' . ')} : mark`;
}

function elements({ wireLength, keys, masks, count }: NameBlock, form: KeyForm): string {
  const keyLength = keyLengthFor(wireLength);
  const asWords = (digits: string) =>
    (digits.match(/.{1,8}/g) ?? []).map((word) => `0x${word.padEnd(8, '0')}`).join(' . ');
  let text = '';
  for (let index = 0; index < count; index++) {
    const digits = keys.toString('hex', index * keyLength, (index + 1) * keyLength);
    const key = form === 'numbers' ? `0x${digits}` : asWords(digits);
    text += `${key} : ${masks[index]},\n`;
  }
  return text;
}

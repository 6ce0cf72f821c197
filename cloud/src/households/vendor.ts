import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isLocallyAdministered, type Mac } from '@khien/shared/id';
import { z } from 'zod';

/** Hex digits of the IEEE's address blocks, the smallest block first: MA-S, MA-M, MA-L. */
const BLOCKS = [9, 7, 6];
/** Who asked not to be named; and the IEEE itself, which holds the blocks that it divides further. */
const NOBODY = /^(Private|IEEE Registration Authority)$/;

let registry: Promise<ReadonlyMap<string, string>> | undefined;

/** The registry is some megabytes of text, so it is read when the first device is shown and only names are kept. */
async function readRegistry(): Promise<ReadonlyMap<string, string>> {
  const path = createRequire(import.meta.url).resolve('oui-data');
  const entries = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(path, 'utf8')));
  const names = Object.entries(entries).map(
    ([block, text]) => [block, text.split('\n', 1)[0] ?? ''] as const,
  );
  return new Map(names.filter(([, name]) => !NOBODY.test(name)));
}

/** Who made a network card, by the IEEE registry; null where nobody is registered or the address is made up. */
export async function vendorOf(mac: Mac): Promise<string | null> {
  if (isLocallyAdministered(mac)) return null;
  registry ??= readRegistry();
  const names = await registry;
  const digits = mac.replaceAll(':', '').toUpperCase();
  for (const length of BLOCKS) {
    const name = names.get(digits.slice(0, length));
    if (name !== undefined) return name;
  }
  return null;
}

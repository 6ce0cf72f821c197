import type { DnsName } from '@khien/shared/name';
import { keyOf } from '../lists/name-key.ts';
import { LONGEST_KEY, placed } from './name-map.ts';

/** Own names and the classifier's answers for them. */
export type Masks = ReadonlyMap<DnsName, number>;

/** An own name as an entry of a map. */
export interface OwnEntry {
  readonly wireLength: number;
  readonly key: Buffer;
  readonly mask: number;
}

/** Own names as entries of the maps, by `entryId`; without those that are too long for one. */
export function ownEntries(names: Masks): Map<string, OwnEntry> {
  const entries = new Map<string, OwnEntry>();
  for (const [name, mask] of names) {
    const wire = keyOf(name);
    if (wire.length > LONGEST_KEY) continue;
    const entry = placed(wire, mask);
    const id = entryId(entry);
    entries.set(id, { ...entry, mask: (entry.mask | (entries.get(id)?.mask ?? 0)) >>> 0 });
  }
  return entries;
}

/** Identifies an entry by its map and key. */
export function entryId({ wireLength, key }: { wireLength: number; key: Buffer }): string {
  return `${wireLength} ${key.toString('latin1')}`;
}

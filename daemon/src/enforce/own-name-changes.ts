import type { DnsName } from '@khien/shared/name';
import { keyOf } from '../lists/name-key.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { ChangeWalk } from './name-changes.ts';
import { LONGEST_EXACT, placed } from './name-map.ts';
import { answerOf } from './second-reading.ts';
import { SuffixFilter } from './suffix-filter.ts';

type Masks = ReadonlyMap<DnsName, number>;

/**
 * How the maps change when own names do and the lists do not. Reads the lists once, and looks closer only at names at or
 * below an own name that changed. Same result as `nameChanges` of both tables, at a fraction of the work.
 */
export function* ownNameChanges(before: Masks, after: Masks, lists: NameLists, listMask: number): ChangeWalk {
  const changed = new Map([...before, ...after].filter(([name]) => before.get(name) !== after.get(name)));
  const own = { before: ownEntries(before), after: ownEntries(after) };
  const above = {
    before: new SuffixFilter(before),
    after: new SuffixFilter(after),
    changed: new SuffixFilter(changed),
  };
  const pending = new Map([...ownEntries(changed)]);

  for (const { keyLength, keys, masks, count } of lists.chunks(listMask)) {
    yield 'read';
    for (let index = 0; index < count; index++) {
      const start = index * keyLength;
      const end = start + keyLength;
      if (keyLength > LONGEST_EXACT) {
        // The list has a name with this end, whatever happens to the own one: both say undecided.
        pending.delete(idOf(placed(keys.subarray(start, end), 0)));
        continue;
      }
      if (!above.changed.isAtOrBelow(keys, start, end)) continue;
      const place = placed(Buffer.from(keys.subarray(start, end)), 0);
      const id = idOf(place);
      pending.delete(id);
      const listed = masks[index] ?? 0;
      const [was, is] = (['before', 'after'] as const).map(
        (side) =>
          own[side].get(id)?.mask ??
          answerOf(keys, start, end, listed | above[side].maskAbove(keys, start, end)),
      );
      if (was !== is) yield { wireLength: place.wireLength, key: place.key, before: was, after: is };
    }
  }
  for (const [id, { wireLength, key }] of pending) {
    const [was, is] = [own.before.get(id)?.mask, own.after.get(id)?.mask];
    if (was !== is) yield { wireLength, key, before: was, after: is };
  }
}

interface Entry {
  readonly wireLength: number;
  readonly key: Buffer;
  readonly mask: number;
}

/** Own names as entries of the maps, by map and key. */
function ownEntries(names: Masks): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, mask] of names) {
    const entry = placed(keyOf(name), mask);
    const id = idOf(entry);
    entries.set(id, { ...entry, mask: (entry.mask | (entries.get(id)?.mask ?? 0)) >>> 0 });
  }
  return entries;
}

function idOf({ wireLength, key }: { wireLength: number; key: Buffer }): string {
  return `${wireLength} ${key.toString('latin1')}`;
}

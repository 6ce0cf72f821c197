import type { NameLists } from '../lists/name-lists.ts';
import type { ChangeWalk } from './name-changes.ts';
import { answerBelow, LONGEST_KEY, placed } from './name-map.ts';
import { entryId, type Masks, type OwnEntry, ownEntries } from './own-entries.ts';
import { SuffixFilter } from './suffix-filter.ts';

/**
 * How the maps change when own names do and the lists do not. Reads the lists once, and looks closer only at names at or
 * below an own name that changed.
 */
export function* ownNameChanges(before: Masks, after: Masks, lists: NameLists, listMask: number): ChangeWalk {
  const changed = new Map([...before, ...after].filter(([name]) => before.get(name) !== after.get(name)));
  if (changed.size === 0) return;
  const own = { before: ownEntries(before), after: ownEntries(after) };
  const above = {
    before: new SuffixFilter(before),
    after: new SuffixFilter(after),
    changed: new SuffixFilter(changed),
  };
  const pending = ownEntries(changed);

  for (const { keyLength, keys, masks, count } of lists.chunks(listMask)) {
    if (keyLength > LONGEST_KEY) break;
    yield 'read';
    for (let index = 0; index < count; index++) {
      const start = index * keyLength;
      const end = start + keyLength;
      if (!above.changed.isAtOrBelow(keys, start, end)) continue;
      const place = placed(Buffer.from(keys.subarray(start, end)), 0);
      const id = entryId(place);
      pending.delete(id);
      const listed = masks[index] ?? 0;
      const [was, is] = (['before', 'after'] as const).map(
        (side) =>
          own[side].get(id)?.mask ??
          answerBelow(keys, start, end, listed, above[side].maskAbove(keys, start, end)),
      );
      if (was !== is) yield { wireLength: place.wireLength, key: place.key, before: was, after: is };
    }
  }
  for (const { wireLength, key } of inOrder(pending.values())) {
    const id = entryId({ wireLength, key });
    const [was, is] = [own.before.get(id)?.mask, own.after.get(id)?.mask];
    if (was !== is) yield { wireLength, key, before: was, after: is };
  }
}

/** Each map's changes travel together. */
function inOrder(entries: Iterable<OwnEntry>): OwnEntry[] {
  return [...entries].sort((a, b) => a.wireLength - b.wireLength);
}

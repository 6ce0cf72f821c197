import { maskHalf } from '@khien/shared/list';
import type { NameDifference } from '../lists/diff-tables.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { ChangeWalk } from './name-changes.ts';
import { answerBelow, keyLengthFor, LONGEST_KEY } from './name-map.ts';
import { entryId, type Masks, ownEntries } from './own-entries.ts';
import { SuffixFilter } from './suffix-filter.ts';

/** How a table's entries change when other categories matter: as `diffTables` tells how two tables differ. */
export function* categoryDifferences(
  lists: NameLists,
  before: number,
  after: number,
): Generator<NameDifference | 'read'> {
  for (const { keyLength, keys, masks, count } of lists.entries()) {
    yield 'read';
    for (let index = 0; index < count; index++) {
      const both = masks[index] ?? 0;
      const was = said(both, before);
      const is = said(both, after);
      if (was === is) continue;
      yield { keys, start: index * keyLength, end: (index + 1) * keyLength, before: was, after: is };
    }
  }
}

/** What `NameLists.chunks` has for an entry. */
function said(both: number, mask: number): number | undefined {
  return (maskHalf.changes(both) & mask) === 0 ? undefined : maskHalf.categories(both) & mask;
}

/**
 * How the maps change when the lists do, by `differences`, shorter names first, and own names stay. A change's key is valid
 * until the next step.
 */
export function* listedNameChanges(own: Masks, differences: Iterable<NameDifference | 'read'>): ChangeWalk {
  const filter = new SuffixFilter(own);
  const entries = ownEntries(own);
  const place = new Place();
  for (const difference of differences) {
    if (difference === 'read') {
      yield 'read';
      continue;
    }
    const { keys, start, end, before, after: is } = difference;
    const wireLength = end - start;
    if (wireLength > LONGEST_KEY) break;
    const key = place.of(keys, start, end);
    const isNearOwn = filter.isAtOrBelow(keys, start, end);
    if (isNearOwn && entries.has(entryId({ wireLength, key }))) continue;
    const above = isNearOwn ? filter.maskAbove(keys, start, end) : 0;
    const answer = (listed: number | undefined) =>
      listed === undefined ? undefined : answerBelow(keys, start, end, listed, above);
    const change = { wireLength, key, before: answer(before), after: answer(is) };
    if (change.before !== change.after) yield change;
  }
}

/** Pads keys as the kernel's maps have them, in one buffer that is used again. */
class Place {
  #padded = Buffer.alloc(0);
  #length = 0;

  /** The key in `keys[start, end)`. */
  of(keys: Buffer, start: number, end: number): Buffer {
    if (end - start !== this.#length) {
      this.#length = end - start;
      this.#padded = Buffer.alloc(keyLengthFor(this.#length));
    }
    // Buffer's copy makes an object for each.
    for (let at = start; at < end; at++) this.#padded[at - start] = keys[at] ?? 0;
    return this.#padded;
  }
}

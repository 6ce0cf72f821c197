import type { Nftables } from 'node-nftables';
import { diffTables } from '../lists/diff-tables.ts';
import type { HeldNames } from './held.ts';
import { categoryDifferences, listedNameChanges } from './listed-name-changes.ts';
import type { ChangeWalk } from './name-changes.ts';
import { nameMap } from './name-map.ts';
import { ownNameChanges } from './own-name-changes.ts';
import { PackedChanges } from './packed-changes.ts';
import { Turns } from './turns.ts';

/** Changes that are looked at between two looks at the clock. */
const CHANGES_AT_ONCE = 500;

/**
 * Makes the classifier's maps, which hold `held`, hold `names`: sends only what differs. Resolves with how many entries
 * came, less those that went. Between its transactions names that stay may be missing.
 *
 * @throws NetlinkError; KhienError `LIST_CORRUPT`; the signal's reason
 */
export async function changeMaps(
  nft: Nftables,
  held: HeldNames,
  names: HeldNames,
  signal: AbortSignal,
): Promise<number> {
  const turns = new Turns();
  const changes = new PackedChanges();
  let grown = 0;
  const send = async () => {
    if (changes.isEmpty) return;
    const { gone, come } = changes.take();
    const map = nameMap(changes.wireLength, 0);
    if (gone.count > 0) await nft.deletePacked(map, [gone]);
    signal.throwIfAborted();
    if (come.count > 0) await nft.addPacked(map, [come]);
    signal.throwIfAborted();
    grown += come.count - gone.count;
  };
  let looked = 0;
  for (const walk of walksBetween(held, names)) {
    for (const change of walk) {
      if (change === 'read' || ++looked % CHANGES_AT_ONCE === 0) {
        await turns.give();
        signal.throwIfAborted();
      }
      if (change === 'read') continue;
      if (changes.isFull || changes.hasOthersThan(change.wireLength)) await send();
      changes.put(change);
    }
    // A key may change once more in the next walk.
    await send();
  }
  return grown;
}

/**
 * All that the maps must change, one cause after the other: categories that matter no more, the lists, categories that
 * matter now, own names.
 */
export function* walksBetween(held: HeldNames, names: HeldNames): Generator<ChangeWalk> {
  const { names: own, lists } = held;
  const kept = held.listMask & names.listMask;
  const recategorised = (of: HeldNames['lists'], from: number, to: number): ChangeWalk =>
    from === to ? [] : listedNameChanges(own, categoryDifferences(of, from, to));
  yield recategorised(lists, held.listMask, kept);
  if (kept !== 0 && lists.revision !== names.lists.revision) {
    yield listedNameChanges(own, diffTables(lists, names.lists, kept));
  }
  yield recategorised(names.lists, kept, names.listMask);
  yield ownNameChanges(own, names.names, names.lists, names.listMask);
}

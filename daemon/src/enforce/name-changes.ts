/** One entry of a map that is not as it shall be. */
export interface NameChange {
  readonly wireLength: number;
  readonly key: Buffer;
  /** The answer it has; undefined where it is not there. */
  readonly before: number | undefined;
  /** The answer it shall have; undefined where it shall go. */
  readonly after: number | undefined;
}

/** A walk over names: their changes, and `read` after each few thousand names, when others may get their turn. */
export type ChangeWalk = Iterable<NameChange | 'read'>;

/** The changes of a walk, in a list. */
export function changesOf(walk: ChangeWalk): NameChange[] {
  const changes: NameChange[] = [];
  for (const change of walk) {
    if (change !== 'read') changes.push({ ...change, key: Buffer.from(change.key) });
  }
  return changes;
}

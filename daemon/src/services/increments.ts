/** Turns counters that only grow into what was added since they were last looked at. */
export class Increments {
  #table: number | undefined;
  #last = new Map<string, number[]>();

  /** What was seen last, for a later run. */
  marks(): [string, number[]][] {
    return [...this.#last];
  }

  /** Goes on from what a former run saw of the counters that it left, which are those of table 0. */
  resume(marks: Iterable<readonly [string, number[]]>): void {
    this.#table = 0;
    this.#last = new Map(marks);
  }

  /**
   * @param table another number where the counters have begun at zero again; the first look is a beginning, since what is
   *   counted then may be of a former run
   * @returns what was added, without what was not
   */
  since<T>(
    table: number,
    entries: readonly T[],
    keyOf: (entry: T) => string,
    countsOf: (entry: T) => number[],
  ): { readonly entry: T; readonly added: number[] }[] {
    const first = this.#table === undefined;
    const before = this.#table === table ? this.#last : new Map<string, number[]>();
    this.#table = table;
    this.#last = new Map(entries.map((entry) => [keyOf(entry), countsOf(entry)]));
    if (first) return [];
    return entries.flatMap((entry) => {
      const counts = countsOf(entry);
      const old = before.get(keyOf(entry));
      // An element that had expired begins at zero.
      const grown = old !== undefined && counts.every((count, index) => count >= (old[index] ?? 0));
      const added = grown ? counts.map((count, index) => count - (old[index] ?? 0)) : counts;
      return added.some((count) => count > 0) ? [{ entry, added }] : [];
    });
  }
}

/** Minutes are given by their number since an epoch; here is how long one is, in milliseconds. */
export const MINUTE = 60_000;

/** A run of minutes, half open. */
interface Run {
  from: number;
  to: number;
}

/** A set of minutes. It mostly grows at its end, so that it is a few runs, however long it is. */
export class MinuteSet {
  /** In order; none touches the next. */
  #runs: Run[] = [];

  static of(minutes: Iterable<number>): MinuteSet {
    const set = new MinuteSet();
    for (const minute of minutes) set.add(minute);
    return set;
  }

  /** Whether it was not there yet. */
  add(minute: number): boolean {
    let at = this.#runs.length;
    while (at > 0 && (this.#runs[at - 1]?.from ?? 0) > minute) at--;
    const before = this.#runs[at - 1];
    const after = this.#runs[at];
    if (before !== undefined && minute < before.to) return false;
    const joinsAfter = after !== undefined && after.from === minute + 1;
    if (before !== undefined && before.to === minute) {
      before.to = joinsAfter ? after.to : minute + 1;
      if (joinsAfter) this.#runs.splice(at, 1);
    } else if (joinsAfter) {
      after.from = minute;
    } else {
      this.#runs.splice(at, 0, { from: minute, to: minute + 1 });
    }
    return true;
  }

  addAll(other: MinuteSet): void {
    for (const minute of other.minutes()) this.add(minute);
  }

  /** How many there are from `from` on and before `to`. */
  count(from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY): number {
    return this.#runs.reduce(
      (sum, run) => sum + Math.max(Math.min(run.to, to) - Math.max(run.from, from), 0),
      0,
    );
  }

  /** The last one; undefined where there is none. */
  last(): number | undefined {
    const run = this.#runs.at(-1);
    return run === undefined ? undefined : run.to - 1;
  }

  dropBefore(minute: number): void {
    this.#runs = this.#runs.filter(({ to }) => to > minute);
    const [first] = this.#runs;
    if (first !== undefined) first.from = Math.max(first.from, minute);
  }

  *minutes(): Generator<number> {
    for (const { from, to } of this.#runs) for (let minute = from; minute < to; minute++) yield minute;
  }

  /** As few characters as JSON can: the first minute, then by turns how many are in the set and how many are not. */
  toJSON(): number[] {
    const numbers: number[] = [];
    let end: number | undefined;
    for (const { from, to } of this.#runs) {
      numbers.push(end === undefined ? from : from - end, to - from);
      end = to;
    }
    return numbers;
  }

  /** What `toJSON` has written. */
  static fromJSON(numbers: readonly number[]): MinuteSet {
    const set = new MinuteSet();
    let end = 0;
    for (let at = 0; at + 1 < numbers.length; at += 2) {
      const from = end + (numbers[at] ?? 0);
      end = from + (numbers[at + 1] ?? 0);
      set.#runs.push({ from, to: end });
    }
    return set;
  }
}

/** The minutes of both. */
export function union(sets: readonly (MinuteSet | undefined)[]): MinuteSet {
  const all = new MinuteSet();
  for (const set of sets) if (set !== undefined) all.addAll(set);
  return all;
}

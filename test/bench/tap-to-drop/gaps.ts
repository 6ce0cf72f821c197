/** What the tablet sent and what came, over the whole run. */
export interface Flow {
  /** When each packet was sent, by its number; ascending, in milliseconds. */
  readonly sentAt: readonly number[];
  /** The numbers that came, in any order. */
  readonly arrived: ReadonlySet<number>;
}

/**
 * When the flow ended for good between two moments: the time at which the first of those packets was sent that were sent
 * before `to` and none of which came. Undefined where the last packet before `to` came: it did not end.
 */
export function endOfFlow({ sentAt, arrived }: Flow, from: number, to: number): number | undefined {
  let end: number | undefined;
  for (let number = firstSentFrom(sentAt, to) - 1; number >= 0; number--) {
    const at = sentAt[number];
    if (at === undefined || at < from || arrived.has(number)) break;
    end = at;
  }
  return end;
}

/** When the first packet was sent, from a moment on, that came. Undefined where none did before `to`. */
export function startOfFlow({ sentAt, arrived }: Flow, from: number, to: number): number | undefined {
  for (let number = firstSentFrom(sentAt, from); number < sentAt.length; number++) {
    const at = sentAt[number];
    if (at === undefined || at >= to) return undefined;
    if (arrived.has(number)) return at;
  }
  return undefined;
}

/** The number of the first packet that was sent at `moment` or later. */
function firstSentFrom(sentAt: readonly number[], moment: number): number {
  let low = 0;
  let high = sentAt.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sentAt[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

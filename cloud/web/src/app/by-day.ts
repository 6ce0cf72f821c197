export interface Day<T> {
  /** The newest instant of it. */
  readonly at: number;
  readonly items: readonly T[];
}

/** Items in the order they come, newest first, under their days. */
export function byDay<T>(
  items: readonly T[],
  atOf: (item: T) => number,
  dayNumber: (instant: number) => number,
): Day<T>[] {
  const days: { at: number; items: T[] }[] = [];
  for (const item of items) {
    const at = atOf(item);
    const last = days.at(-1);
    if (last !== undefined && dayNumber(last.at) === dayNumber(at)) last.items.push(item);
    else days.push({ at, items: [item] });
  }
  return days;
}

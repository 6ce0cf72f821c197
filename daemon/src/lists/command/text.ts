import type { Catalogue } from '@khien/shared/catalogue';

/** 1234567 → 1 234 567 */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** The categories that a table has names of. */
export function countsByCategory(
  { categories }: Catalogue,
  counts: readonly number[],
): { id: string; names: number }[] {
  return categories
    .map(({ id, bit }) => ({ id, names: bit === null ? 0 : (counts[bit] ?? 0) }))
    .filter(({ names }) => names > 0);
}

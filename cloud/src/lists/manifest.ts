import type { Catalogue } from '@khien/shared/catalogue';
import { categoryImportance, type ListsBody, type ListTable } from '@khien/shared/list';

/** Body of the `lists` document for a table that has `counts[bit]` names of the category with that bit. */
export function manifestOf(
  catalogue: Catalogue,
  table: ListTable | null,
  counts: readonly number[],
): ListsBody {
  const categories = catalogue.categories.flatMap(({ id, bit }) =>
    bit === null ? [] : [{ id, bit, names: counts[bit] ?? 0 }],
  );
  const rank = (id: string): number => {
    const at = categoryImportance.indexOf(id);
    return at < 0 ? categoryImportance.length : at;
  };
  return { table, categories: categories.sort((a, b) => rank(a.id) - rank(b.id)) };
}

import type { Id } from '@khien/shared/id';
import type { HouseholdChange } from '../changes.ts';
import type { Context } from '../context.ts';
import type { Trx } from '../store/open.ts';

/**
 * A change of what routers enforce: `work` and the documents that follow from it are committed together, so that no
 * router is ever told of something that a parent did not decide, or not told of what they did. Then the routers and the
 * open pages are told.
 */
export async function changePolicy<T>(
  { store, documents, changes }: Pick<Context, 'store' | 'documents' | 'changes'>,
  household: Id,
  work: (trx: Trx) => Promise<T>,
  changed: readonly HouseholdChange['changed'][] = ['home'],
): Promise<T> {
  const { result, routers } = await store.ofHousehold(household, async (trx) => {
    const result = await work(trx);
    return { result, routers: await documents.rebuild(trx, household) };
  });
  for (const router of routers) changes.announce({ router, document: 'policy' });
  for (const what of changed) changes.announce({ household, changed: what });
  return result;
}

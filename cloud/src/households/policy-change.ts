import type { FastifyRequest } from 'fastify';
import type { HouseholdChange } from '../changes.ts';
import { inHousehold } from '../rights/household-write.ts';
import type { Trx } from '../store/open.ts';
import { householdOf } from './access.ts';

/**
 * What a request changes of what routers enforce, as in `inHousehold`: `work` and the documents that follow from it are
 * committed together, so that no router is ever told of something that a parent did not decide, or not told of what they
 * did. Then the routers and the open pages are told.
 */
export async function changePolicy<T>(
  request: FastifyRequest,
  work: (trx: Trx) => Promise<T>,
  changed: readonly HouseholdChange['changed'][] = ['home'],
): Promise<T> {
  const { documents, changes } = request.server.cloud;
  const household = householdOf(request).id;
  const { result, routers } = await inHousehold(request, async (trx) => {
    const result = await work(trx);
    return { result, routers: await documents.rebuild(trx, household) };
  });
  for (const router of routers) changes.announce({ router, document: 'policy' });
  for (const what of changed) changes.announce({ household, changed: what });
  return result;
}

import { KhienError } from '@khien/shared/error';
import type { FastifyRequest } from 'fastify';
import { findApiKey } from '../api-keys/api-keys.ts';
import { householdOf } from '../households/access.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import type { Trx } from '../store/open.ts';
import { standingFor } from './rights-plugin.ts';

/**
 * What a request changes in its household. Its right was decided before the household was locked, so it is decided once
 * more under the lock: otherwise somebody who is dismissed meanwhile still changes what was under way, and an owner could
 * so make himself one again.
 *
 * @throws KhienError what the decision throws, `API_KEY_UNKNOWN`, `NOT_FOUND`, and what `work` throws
 */
export function inHousehold<T>(request: FastifyRequest, work: (trx: Trx) => Promise<T>): Promise<T> {
  return request.server.cloud.store.ofHousehold(householdOf(request).id, async (trx) => {
    await decideAgain(trx, request);
    return work(trx);
  });
}

async function decideAgain(trx: Trx, request: FastifyRequest): Promise<void> {
  const { now } = request.server.cloud;
  const { id } = householdOf(request);
  if (request.apiKey === null) {
    await standingFor(trx, request, { household: id, account: sessionOf(request).account });
  } else if ((await findApiKey(trx, request.apiKey.id, now())) === undefined) {
    throw new KhienError('API_KEY_UNKNOWN', 'the key was revoked meanwhile, or has expired');
  }
}

import { KhienError } from '@khien/shared/error';
import type { Id } from '@khien/shared/id';
import { isWaiting } from '../enrolment/stock.ts';
import type { Db } from '../store/open.ts';
import type { Peer } from './peer.ts';

/** What the store says of a router that asks to be let in. */
export interface Admitted {
  /** Undefined of a router that waits for its family. */
  readonly household: Id | undefined;
  /** The connection that it had until now, on this node or another. */
  readonly connection: string | null;
}

/** A router that has a family, as the store knows it. */
export interface Enrolled {
  readonly household: Id;
  readonly publicKey: string;
  readonly connection: string | null;
}

/** Those of these routers that have a family. */
export async function findEnrolled(db: Db, routers: readonly Id[]): Promise<ReadonlyMap<Id, Enrolled>> {
  const rows = await db
    .selectFrom('router')
    .select(['id', 'household', 'public_key as publicKey', 'connection'])
    .where('id', 'in', routers)
    .execute();
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/**
 * @param claimed the MQTT client identifier
 * @throws KhienError `CERTIFICATE_EXPIRED`; `ROUTER_UNKNOWN` for one that was never enrolled with this key, was removed or revoked, or pretends
 *   to be another; what the store throws
 */
export async function admit(
  db: Db,
  enrolled: { readonly get: (router: Id) => Promise<Enrolled | undefined> },
  { router, publicKey, expired }: Peer,
  claimed: string,
): Promise<Admitted> {
  if (expired) throw new KhienError('CERTIFICATE_EXPIRED', `the certificate of ${router} has ended`);
  if (claimed !== router) {
    throw new KhienError('ROUTER_UNKNOWN', `the certificate of ${router} does not speak for ${claimed}`);
  }
  const row = await enrolled.get(router);
  if (row?.publicKey === publicKey) return { household: row.household, connection: row.connection };
  if (row === undefined && (await isWaiting(db, router, publicKey))) {
    return { household: undefined, connection: null };
  }
  throw new KhienError('ROUTER_UNKNOWN', `${router} is not enrolled with this key`);
}

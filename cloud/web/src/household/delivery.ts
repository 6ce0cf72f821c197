import type { RouterView } from '../api/contract.ts';

/** Milliseconds after which a router that is online should have confirmed a policy. */
export const LATE = 20_000;

/** How far a change has come: the server has it, or the router's kernel holds it, or why not. */
export type Delivery = 'noRouter' | 'waiting' | 'late' | 'offline' | 'refused' | 'done';

type Reported = Pick<RouterView, 'online' | 'policyInForce' | 'policyWanted' | 'refusal'>;

/** Does the router's kernel not hold the newest policy yet? */
export function isPending(router: Reported): boolean {
  return (router.policyInForce ?? 0) < router.policyWanted;
}

/**
 * How far the newest policy has come in a home; the router that is furthest behind counts.
 *
 * @param waited milliseconds since the policy was changed
 */
export function deliveryTo(routers: readonly Reported[], waited: number): Delivery {
  if (routers.length === 0) return 'noRouter';
  const pending = routers.filter(isPending);
  if (pending.length === 0) return 'done';
  if (pending.some((router) => router.refusal !== null)) return 'refused';
  if (!pending.some((router) => router.online)) return 'offline';
  return waited > LATE ? 'late' : 'waiting';
}

export type RouterCondition =
  | 'protecting'
  | 'applying'
  | 'late'
  | 'refused'
  | 'offline'
  | 'starting'
  | 'hindered';

/** The one thing to say of a router. */
export function conditionOf(router: Omit<RouterView, 'id' | 'name'>, waited: number): RouterCondition {
  if (!router.online) return 'offline';
  if (router.enforcement === null || router.enforcement === 'ENFORCE_NOTHING') return 'starting';
  const delivery = deliveryTo([router], waited);
  if (delivery === 'refused') return 'refused';
  if (router.enforcement !== 'enforcing') return 'hindered';
  if (delivery === 'done') return 'protecting';
  return delivery === 'late' ? 'late' : 'applying';
}

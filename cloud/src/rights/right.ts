import { type KeyScope, keyScopes } from '../api-keys/scope.ts';

/** What a route asks of who calls it; each route says one in its `config`. */
export type Right =
  /** Nobody needs to be signed in. */
  | 'public'
  /** What belongs to the own account alone. */
  | 'account'
  /** To see a household. A worker sees what a consent names, where the route has a `scope`. */
  | 'household:view'
  /** Pauses, time, rules, devices, requests. */
  | 'household:care'
  /** Members, consents, routers, taking data out and away. */
  | 'household:own'
  /** The families who consented. */
  | 'families:view'
  /** The health of an internet provider's routers, and nothing of whose they are. */
  | 'fleet:view'
  /** Organisations, internet providers, and who acts for them. */
  | 'cloud:administer';

/** What somebody is to a household. */
export const ROLES = ['owner', 'carer', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const rightsOfRole: Readonly<Record<Role, readonly Right[]>> = {
  owner: ['household:view', 'household:care', 'household:own'],
  carer: ['household:view', 'household:care'],
  viewer: ['household:view'],
};

export function memberMay(role: Role, right: Right): boolean {
  return rightsOfRole[role].includes(right);
}

/** What somebody does for others, outside of any household. */
export const dutyKinds = ['worker', 'operator', 'administrator'] as const;
export type DutyKind = (typeof dutyKinds)[number];

/** The duty that gives a right; none gives one over a household. */
export function dutyFor(right: Right): DutyKind | undefined {
  if (right === 'families:view') return 'worker';
  if (right === 'fleet:view') return 'operator';
  return right === 'cloud:administer' ? 'administrator' : undefined;
}

/** What a consent lets a worker see. Nothing lets a worker change. */
export const scopes = ['activity', 'rules', 'requests'] as const;
export type Scope = (typeof scopes)[number];

/** Of the scopes of keys those of which any one opens a route. */
export function keyScopesFor(right: Right, forKeys: boolean): readonly KeyScope[] {
  return keyScopes.filter((scope) => keyMay([scope], right, forKeys));
}

/** Care includes seeing. Of what a family sees a key sees what is no single person's: the routes that say so. */
export function keyMay(granted: readonly KeyScope[], right: Right, forKeys: boolean): boolean {
  if (right === 'household:view') return forKeys;
  return right === 'household:care' && granted.includes('care');
}

/** Of a route that workers may ask: what the consent must name; `any` where each consent will do. */
export type RouteScope = Scope | 'any';

export function workerMay(consented: readonly Scope[], right: Right, scope: RouteScope | undefined): boolean {
  if (right !== 'household:view' || scope === undefined) return false;
  return scope === 'any' || consented.includes(scope);
}

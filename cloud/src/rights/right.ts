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
  | 'household:own';

/** What somebody is to a household. */
export const ROLES = ['owner', 'carer', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const rightsOfRole: Readonly<Record<Role, ReadonlySet<Right>>> = {
  owner: new Set(['household:view', 'household:care', 'household:own']),
  carer: new Set(['household:view', 'household:care']),
  viewer: new Set(['household:view']),
};

export function memberMay(role: Role, right: Right): boolean {
  return rightsOfRole[role].has(right);
}

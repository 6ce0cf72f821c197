import type { Instant } from '@khien/shared/id';
import type { HouseholdChange } from '../changes.ts';
import type { RouteScope } from '../rights/right.ts';
import type { Standing } from '../rights/standing.ts';

/** What a worker must have been shown to be told that it changed. That rights did, whoever is still there may know. */
const scopeOf: Readonly<Record<HouseholdChange['changed'], RouteScope | null>> = {
  home: 'rules',
  activity: 'activity',
  requests: 'requests',
  rights: 'any',
  notifications: null,
};

/** Whether somebody of this standing is told of a change: that there is something new is itself something. */
export function hears(standing: Standing, changed: HouseholdChange['changed'], now: Instant): boolean {
  if (standing.as === 'member') return true;
  const scope = scopeOf[changed];
  if (scope === null || standing.until <= now) return false;
  return scope === 'any' || standing.scope.includes(scope);
}

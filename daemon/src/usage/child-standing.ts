import { type Instant, idSchema } from '@khien/shared/id';
import { accessAt, accessReasons, quotaStandings, type Used } from '@khien/shared/policy';
import * as z from 'zod/mini';
import { localMoment } from '../explain/local-moment.ts';
import type { InForce } from '../policy/in-force.ts';

/** How a child stands, for who is root on the router. */
export const childStandingSchema = z.object({
  id: idSchema,
  name: z.string(),
  mode: z.enum(['open', 'learning', 'off']),
  reason: z.enum(accessReasons),
  /** When that changes by itself, local time as ISO 8601; null where nothing that is known now changes it. */
  until: z.nullable(z.string()),
  /** Of today; `left` is null where there is no limit. Minutes. */
  quotas: z.array(z.object({ of: z.string(), used: z.int(), left: z.nullable(z.int()) })),
});
export type ChildStanding = z.infer<typeof childStandingSchema>;

export function childStandings({ policy }: InForce, used: Used, now: Instant): ChildStanding[] {
  const basis = { ...policy, used };
  return policy.profiles.map((profile) => {
    const { mode, reason, until } = accessAt(profile, basis, now);
    return {
      id: profile.id,
      name: profile.name,
      mode,
      reason,
      until: until === null ? null : localMoment(policy.offsets, until).local,
      quotas: quotaStandings(profile, basis, now).map(({ quota: { of }, used: minutes, left }) => ({
        of: of.kind === 'network' ? 'network' : `${of.kind} ${of.id}`,
        used: Math.floor(minutes),
        left: left === null ? null : Math.ceil(left),
      })),
    };
  });
}

/** A child's standing in one line. */
export function standingText({ mode, reason, until, quotas }: ChildStanding): string {
  const ends = until === null ? '' : ` until ${until.slice(0, 16).replace('T', ' ')}`;
  const minutes = quotas.map(
    ({ of, used, left }) => `${of} ${used} min used, ${left === null ? 'no limit' : `${left} left`}`,
  );
  return [`${mode}${ends} (${reason})`, ...minutes].join('; ');
}

import { type DnsName, isUnder } from '@khien/shared/name';
import type { Policy, Profile, QuotaTarget, Service } from '@khien/shared/policy';

/** Names of the services that the policy speaks of, blocked now or later or only counted, by the service's id. */
export function trackedServices({ services }: Pick<Policy, 'services'>): Map<string, readonly DnsName[]> {
  return new Map(services.map(({ id, names }) => [id, names]));
}

/** What changes by itself in what a child's rules say of services. */
export interface ServiceStanding {
  /** Targets of quotas that are used up. */
  readonly spent: readonly { readonly of: QuotaTarget }[];
  /** Whether only what study needs is allowed. */
  readonly learning: boolean;
}

/**
 * The services that `decideName` blocks for a child as a whole, so that their addresses may be refused too. Where a name
 * that the parent allows, or that study needs while that holds, is of a service or above one of its names, the service is
 * left to names.
 */
export function blockedServices(
  { rules }: Profile,
  { services, learningNames }: Pick<Policy, 'services' | 'learningNames'>,
  { spent, learning }: ServiceStanding,
): string[] {
  return services
    .filter((service) => {
      if (touches(service, rules.allowedNames)) return false;
      return (
        rules.blockedServices.includes(service.id) ||
        rules.blockedCategories.includes(service.category) ||
        spent.some(({ of }) => isOf(service, of)) ||
        (learning && !touches(service, learningNames))
      );
    })
    .map(({ id }) => id);
}

function isOf({ id, category }: Service, target: QuotaTarget): boolean {
  if (target.kind === 'network') return false;
  return target.id === (target.kind === 'service' ? id : category);
}

function touches({ names }: Service, others: readonly DnsName[]): boolean {
  return others.some((other) => names.some((name) => isUnder(name, other) || isUnder(other, name)));
}

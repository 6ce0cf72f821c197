/**
 * What an address is known to serve, as text, so that equal ones are the same and the kernel can carry it as a comment:
 * its uses in order, with a comma between them and `*` behind them where others may use the address too.
 *
 * A use is the services that one name belongs to, with `+` between them (`ff.garena.com` is of `free-fire+garena`): the
 * name is blocked where one of them is. `facebook,messenger` has names of both; what blocks one leaves the other.
 */
export type AddressClass = string;

/** See `AddressClass`. */
export type ServiceUse = string;

const SHARED = '*';

export interface AddressUse {
  readonly uses: readonly ServiceUse[];
  /** Others, of whom nothing is known, may be at the address. */
  readonly shared: boolean;
}

export function addressClass({ uses, shared }: AddressUse): AddressClass {
  return [...uses].sort().join(',') + (shared ? SHARED : '');
}

export function addressUse(text: AddressClass): AddressUse {
  const shared = text.endsWith(SHARED);
  return { uses: (shared ? text.slice(0, -1) : text).split(','), shared };
}

export function serviceUse(services: readonly string[]): ServiceUse {
  return [...new Set(services)].sort().join('+');
}

export function servicesOfUse(use: ServiceUse): string[] {
  return use.split('+');
}

/** Whether packets to addresses of a class are refused where these services are blocked: where that hits nobody else. */
export function isRefused(text: AddressClass, blocked: ReadonlySet<string>): boolean {
  const { uses, shared } = addressUse(text);
  return !shared && uses.every((use) => servicesOfUse(use).some((service) => blocked.has(service)));
}

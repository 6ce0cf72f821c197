import addresses from './bypass-addresses.json' with { type: 'json' };

/** Somebody who offers a way round a home's rules, at addresses of its own that offer nothing else a child needs. */
export interface BypassAddresses {
  readonly method: 'doh' | 'vpn' | 'tor';
  readonly provider: string;
  /** Single addresses, and networks as `203.0.113.0/24` or `2001:db8:1::/48`. */
  readonly addresses: readonly string[];
}

/**
 * Where encrypted resolvers, tunnels and Tor's directory are, whatever name leads there; the names are in `lists/bypass.txt`.
 * Sources in SOURCES.md. It ships with the code, so a test and not the start-up holds it against its form.
 */
export const bypassAddresses: readonly BypassAddresses[] = addresses.map(({ method, ...rest }) => ({
  ...rest,
  method: method === 'vpn' || method === 'tor' ? method : 'doh',
}));

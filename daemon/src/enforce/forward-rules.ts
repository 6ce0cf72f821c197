import { accept, drop, expr, goto, type Rule } from 'node-nftables';
import { bypassRules, type ForwardSets } from './bypass-rules.ts';
import { escaped, withoutLease } from './bypass-sets.ts';
import { destinationIn, destinationPortIs, intoLan } from './packet-match.ts';

export const countedRouted = 'routed without a lease';

/**
 * What is forwarded. What conntrack knew before a device was managed, or calls invalid, was not redirected, and what another
 * chain translated first was led elsewhere: neither may reach a resolver, be it one of the home. What has come past the access
 * table (by a port that is not known yet, a VLAN, another of the router's MACs) is not routed out without a lease either. What
 * managed devices meet, and may not use to get round the rules, is in `bypass-rules`. All else that stays in the home is let
 * through wherever it would be refused.
 */
export function* forwardRules(sets: ForwardSets): Generator<Rule> {
  yield* bypassRules(sets);
  // Those of managed devices are led there by `ports` before they come here.
  for (const transport of ['udp', 'tcp'] as const) {
    yield {
      chain: withoutLease,
      expressions: [...destinationPortIs(transport, 53), expr.verdict(goto(escaped.name))],
    };
  }
  yield { chain: withoutLease, expressions: [...intoLan(sets.lanInterfaces), expr.verdict(accept)] };
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: withoutLease,
      expressions: [...destinationIn(version, sets.help[version]), expr.verdict(accept)],
    };
  }
  yield { chain: withoutLease, expressions: [expr.counter, expr.verdict(drop)], comment: countedRouted };
}

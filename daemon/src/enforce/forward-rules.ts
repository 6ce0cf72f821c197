import { accept, drop, expr, type Rule } from 'node-nftables';
import { bypassRules, type ForwardSets } from './bypass-rules.ts';
import { withoutLease } from './bypass-sets.ts';
import { destinationIn, intoLan } from './packet-match.ts';

export const countedRouted = 'routed without a lease';

/**
 * What is routed out of the home. What conntrack knew before a device was managed, or calls invalid, was not redirected: it
 * must not reach a foreign resolver. What has come past the access table (by a port that is not known yet, a VLAN, another of
 * the router's MACs) is not routed without a lease either. What managed devices meet, and may not use to get round the rules,
 * is in `bypass-rules`. What stays in the home is let through wherever it would be refused.
 */
export function* forwardRules(sets: ForwardSets): Generator<Rule> {
  yield* bypassRules(sets);
  yield { chain: withoutLease, expressions: [...intoLan(sets.lanInterfaces), expr.verdict(accept)] };
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: withoutLease,
      expressions: [...destinationIn(version, sets.help[version]), expr.verdict(accept)],
    };
  }
  yield { chain: withoutLease, expressions: [expr.counter, expr.verdict(drop)], comment: countedRouted };
}

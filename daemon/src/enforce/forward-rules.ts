import {
  accept,
  type ChainRef,
  drop,
  type Expression,
  expr,
  goto,
  jump,
  type Rule,
  register,
} from 'node-nftables';
import { bypassRules } from './bypass-rules.ts';
import { leavingDevices } from './bypass-sets.ts';
import { destinationIn, hasEtherSource, type IpVersion } from './packet-match.ts';
import type { Strangers } from './strangers.ts';

const r0 = register(0);

export const countedRouted = 'routed without a lease';

export interface ForwardParts {
  readonly forward: ChainRef;
  /** What a managed device without a lease sends out. */
  readonly withoutLease: ChainRef;
  /** Names of sets. */
  readonly lease: string;
  readonly strangers: Strangers;
  readonly lanInterfaces: string;
  readonly help: Readonly<Record<IpVersion, string>>;
}

/**
 * What is routed out of the home. What conntrack knew before a device was managed, or calls invalid, was not redirected: it
 * must not reach a foreign resolver, nor come to its address with the responder's port, which the sink may have given it.
 * What has come past the access table (by a port that is not known yet, a VLAN, another of the router's MACs) is not routed
 * without a lease either. What managed devices meet, and may not use to get round the rules, is in `bypass-rules`.
 */
export function* forwardRules(parts: ForwardParts): Generator<Rule> {
  const { forward, withoutLease, strangers, lanInterfaces } = parts;
  const when = (condition: Expression[], ...then: Expression[]): Rule => ({
    chain: forward,
    expressions: [...condition, ...then],
  });
  // Where br_netfilter is loaded, frames between devices come by here too.
  const intoLan = [expr.meta('oifname', r0), expr.lookup(r0, lanInterfaces)];
  yield when(intoLan, expr.verdict(accept));
  yield when([...hasEtherSource(), expr.lookupVerdict(r0, leavingDevices.name)]);
  yield when(hasEtherSource(), expr.verdict(jump(strangers.chain.name)));
  yield when(hasEtherSource(), expr.verdict(goto(withoutLease.name)));
  yield* bypassRules(parts);
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: withoutLease,
      expressions: [...destinationIn(version, parts.help[version]), expr.verdict(accept)],
    };
  }
  yield { chain: withoutLease, expressions: [expr.counter, expr.verdict(drop)], comment: countedRouted };
}

import { accept, type ChainRef, drop, type Expression, expr, goto, type Rule, register } from 'node-nftables';
import { bypassEntry, bypassRules, protectedEntry } from './bypass-rules.ts';
import { destinationIn, etherSourceIn, type IpVersion } from './packet-match.ts';
import { type Strangers, toStrangers } from './strangers.ts';

const r0 = register(0);

export const countedRouted = 'routed without a lease';

export interface ForwardParts {
  readonly forward: ChainRef;
  /** What a managed device without a lease sends out. */
  readonly withoutLease: ChainRef;
  /** Names of sets. */
  readonly managed: string;
  readonly lease: string;
  readonly strangers: Strangers;
  readonly lanInterfaces: string;
  readonly help: Readonly<Record<IpVersion, string>>;
}

/**
 * What is routed out of the home. What conntrack knew before a device was managed, or calls invalid, was not redirected: it
 * must not reach a foreign resolver, nor come to its address with the responder's port, which the sink may have given it.
 * What has come past the access table (by a port that is not known yet, a VLAN, another of the router's MACs) is not routed
 * without a lease either. What else a child may not use to get round the rules is in `bypass-rules`.
 */
export function* forwardRules(parts: ForwardParts): Generator<Rule> {
  const { forward, withoutLease, managed, lease, strangers, lanInterfaces, help } = parts;
  const when = (condition: Expression[], ...then: Expression[]): Rule => ({
    chain: forward,
    expressions: [...condition, ...then],
  });
  // Where br_netfilter is loaded, frames between devices come by here too.
  const intoLan = [expr.meta('oifname', r0), expr.lookup(r0, lanInterfaces)];
  yield when(intoLan, expr.verdict(accept));
  yield when(toStrangers(managed, strangers));
  yield when(etherSourceIn(managed, 'not in'), expr.verdict(goto(withoutLease.name)));
  yield* bypassEntry(forward);
  yield when(etherSourceIn(lease, 'not in'), expr.verdict(goto(withoutLease.name)));
  yield* protectedEntry(forward);
  yield* bypassRules(help);
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain: withoutLease,
      expressions: [...destinationIn(version, help[version]), expr.verdict(accept)],
    };
  }
  yield { chain: withoutLease, expressions: [expr.counter, expr.verdict(drop)], comment: countedRouted };
}

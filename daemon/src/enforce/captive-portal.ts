import {
  accept,
  type ChainRef,
  drop,
  type Expression,
  expr,
  goto,
  hostU32,
  networkU16,
  type Rule,
  register,
} from 'node-nftables';
import { PORTAL_PORT, REFUSED } from '../layout.ts';
import {
  destinationIn,
  destinationPortIs,
  etherSourceIn,
  etherTypeIs,
  type IpVersion,
  priorityIs,
  protocolIs,
} from './packet-match.ts';

/**
 * What a device without a lease meets instead of silence: its HTTP is led to the child's page, by which its system finds out
 * that there is one, and everything else is refused at once, so that no app waits for a timeout.
 *
 * Neither may become a way out. A frame that the access table lets past for this has the lowest TTL before it goes on: flow
 * tables of others leave such a packet to the slow path (nf_flow_offload_ip_hook), and the slow path forwards none (RFC 1812
 * §5.3.1, RFC 8200 §3). So a connection from before the lease's end gets nothing through, whatever conntrack knows of it.
 */

const r0 = register(0);
/** Where TTL, IPv4's checksum, and the hop limit are (RFC 791, RFC 8200). */
const TTL = 8;
const IP_CHECKSUM = 10;
const HOP_LIMIT = 7;

export const countedRefusals = {
  page: 'HTTP without a lease to the page',
  refused: 'refused without a lease',
} as const;

/** The end of each way through the access table: HTTP goes on to be redirected, TCP and UDP to be refused, the rest is dropped. */
export function* withoutLeaseRules(chain: ChainRef, dropped: string): Generator<Rule> {
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain,
      expressions: [
        ...etherTypeIs(version),
        ...destinationPortIs('tcp', 80),
        ...lowestTtl(version),
        expr.counter,
        expr.verdict(accept),
      ],
      comment: countedRefusals.page,
    };
    for (const transport of ['tcp', 'udp'] as const) {
      yield {
        chain,
        expressions: [
          ...etherTypeIs(version),
          ...protocolIs(transport),
          ...lowestTtl(version),
          expr.immediate(r0, hostU32(REFUSED)),
          expr.metaSet('priority', r0),
          expr.counter,
          expr.verdict(accept),
        ],
        comment: countedRefusals.refused,
      };
    }
  }
  yield { chain, expressions: [expr.counter, expr.verdict(drop)], comment: dropped };
}

/**
 * Refuses what the access table has marked: in prerouting, before conntrack keeps an entry of it. `reject` is there since
 * Linux 5.9; that of ingress needs a module that distributions for routers leave out.
 */
export function* refusalRules(refuse: ChainRef): Generator<Rule> {
  yield { chain: refuse, expressions: [...protocolIs('tcp'), expr.reject('tcp reset')] };
  yield { chain: refuse, expressions: [expr.reject('port unreachable')] };
}

/** In a chain of prerouting, which every packet passes: one comparison. */
export function markedRule(chain: ChainRef, refuse: ChainRef): Rule {
  return { chain, expressions: [...priorityIs(REFUSED), expr.verdict(goto(refuse.name))] };
}

export interface CaptiveSets {
  readonly managed: string;
  readonly lease: string;
  readonly help: Readonly<Record<IpVersion, string>>;
}

/** In a chain of type nat: leads HTTP of devices without a lease to the child's page, but for that to help addresses. */
export function* captiveRedirections(
  chain: ChainRef,
  { managed, lease, help }: CaptiveSets,
): Generator<Rule> {
  const captive: Expression[] = [
    ...destinationPortIs('tcp', 80),
    ...etherSourceIn(managed),
    ...etherSourceIn(lease, 'not in'),
  ];
  for (const version of ['ip', 'ip6'] as const) {
    yield {
      chain,
      expressions: [...captive, ...destinationIn(version, help[version]), expr.verdict(accept)],
    };
  }
  yield { chain, expressions: [...captive, expr.immediate(r0, networkU16(PORTAL_PORT)), expr.redir(r0)] };
}

function lowestTtl(version: IpVersion): Expression[] {
  const one = expr.immediate(r0, Buffer.of(1));
  return version === 'ip'
    ? [one, expr.payloadSet('network', TTL, 1, r0, IP_CHECKSUM)]
    : [one, expr.payloadSet('network', HOP_LIMIT, 1, r0)];
}

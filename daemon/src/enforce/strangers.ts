import {
  accept,
  type ChainRef,
  dataType,
  type Expression,
  expr,
  interfaceName,
  jump,
  type NamedSet,
  type Rule,
  register,
  type TableRef,
} from 'node-nftables';
import { etherSourceIn } from './packet-match.ts';

/**
 * Devices of which nobody has said anything. Where a home keeps them closed (quarantine), this holds for addresses that were
 * never seen: what counts is who is known. Each table has a chain that every packet of a device without a child comes
 * through: it lets all pass, or in quarantine those who are known and what is not from the LAN. Who returns from it is a
 * stranger, and is dealt with like a child's device without a lease.
 */

const r0 = register(0);

/** A table's chain, and its set of devices that are no strangers. */
export interface Strangers {
  readonly chain: ChainRef;
  readonly known: NamedSet;
}

export function strangersOf(table: TableRef): Strangers {
  return {
    chain: { table, name: 'strangers' },
    known: { table, name: 'known', key: dataType.etherAddr, size: 8192 },
  };
}

/** In a chain of the table: whoever is not in `managed` goes on only as a stranger. */
export function toStrangers(managed: string, { chain }: Strangers): Expression[] {
  return [...etherSourceIn(managed, 'not in'), expr.verdict(jump(chain.name))];
}

/** Everybody is let in. */
export function openRule({ chain }: Strangers): Rule {
  return { chain, expressions: [expr.verdict(accept)] };
}

/** @param interfaces those of the LAN, where the table sees packets of others as well */
export function* quarantineRules(
  { chain, known }: Strangers,
  interfaces: readonly string[] | null,
): Generator<Rule> {
  if (interfaces !== null) {
    const elsewhere = interfaces.map((name) => expr.cmp(r0, 'neq', interfaceName(name)));
    yield { chain, expressions: [expr.meta('iifname', r0), ...elsewhere, expr.verdict(accept)] };
  }
  yield { chain, expressions: [...etherSourceIn(known.name), expr.verdict(accept)] };
}

import { eachAttribute } from '../netlink/attributes.ts';
import type { NetlinkMessage } from '../netlink/message.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';
import { Subscription, type SubscriptionHandlers } from '../netlink/subscription.ts';
import { type OpenTransport, openSocket, protocol } from '../netlink/transport.ts';
import { type Generation, parseGeneration } from './generation.ts';
import { familyName, messageType, nftablesType } from './protocol.ts';
import type { TableRef } from './table.ts';

/** What a commit changed, one event for each object, and then the generation it made. */
export type RulesetEvent =
  | {
      readonly kind: 'table' | 'chain' | 'rule' | 'set' | 'element';
      readonly change: 'added' | 'deleted';
      readonly table: TableRef;
    }
  | { readonly kind: 'generation'; readonly generation: Generation };

const NFNLGRP_NFTABLES = 7;
// NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_RULE_TABLE …: the same number in all of them.
const TABLE = 1;

const changes = new Map(
  (
    [
      [messageType.newTable, 'table', 'added'],
      [messageType.deleteTable, 'table', 'deleted'],
      [messageType.newChain, 'chain', 'added'],
      [messageType.deleteChain, 'chain', 'deleted'],
      [messageType.newRule, 'rule', 'added'],
      [messageType.deleteRule, 'rule', 'deleted'],
      [messageType.newSet, 'set', 'added'],
      [messageType.deleteSet, 'set', 'deleted'],
      [messageType.newElements, 'element', 'added'],
      [messageType.deleteElements, 'element', 'deleted'],
    ] as const
  ).map(([type, kind, change]) => [nftablesType(type), { kind, change }] as const),
);

/**
 * Tells what anybody, this process included, changes in the ruleset, until `close()`. While a large set is loaded there
 * is an event for each element; expect `lost`.
 */
export function watchRuleset(
  handlers: SubscriptionHandlers<RulesetEvent>,
  open: OpenTransport = openSocket(protocol.netfilter, [NFNLGRP_NFTABLES]),
): Subscription<RulesetEvent> {
  return new Subscription(open, parseRulesetEvent, handlers);
}

export function parseRulesetEvent({ type, payload }: NetlinkMessage): RulesetEvent | undefined {
  if (type === nftablesType(messageType.newGeneration)) {
    return { kind: 'generation', generation: parseGeneration(payload) };
  }
  const change = changes.get(type);
  if (change === undefined) return undefined;
  const { family, attributes } = readGenericHeader(payload);
  for (const [attribute, name] of eachAttribute(attributes)) {
    if (attribute !== TABLE) continue;
    return {
      ...change,
      table: { family: familyName(family), name: name.toString('utf8', 0, name.length - 1) },
    };
  }
  return undefined;
}

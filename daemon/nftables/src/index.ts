export {
  hostU32,
  interfaceName,
  ipAddress,
  ipAddressText,
  macAddress,
  macAddressText,
  networkU16,
} from './address.ts';
export { Conntrack, type ConntrackDeletion } from './conntrack/conntrack.ts';
export { isNetlinkError, NetlinkError, type NetlinkFailure } from './netlink/error.ts';
export { Subscription, type SubscriptionHandlers } from './netlink/subscription.ts';
export type { OpenTransport, Transport, TransportHandlers } from './netlink/transport.ts';
export type { BaseChain, Chain, ChainInfo, ChainRef, Hook } from './nftables/chain.ts';
export type { Counters } from './nftables/counters.ts';
export * as dataType from './nftables/datatype.ts';
export { concatenatedKey, type DataType } from './nftables/datatype.ts';
export type { Element, ElementInfo } from './nftables/element.ts';
export type { Expression } from './nftables/expressions/expression.ts';
export * as expr from './nftables/expressions/index.ts';
export type { Generation } from './nftables/generation.ts';
export { Nftables } from './nftables/nftables.ts';
export type { PackedElements } from './nftables/packed.ts';
export type { Family } from './nftables/protocol.ts';
export { register } from './nftables/register.ts';
export type { Rule, RuleInfo, RuleRef } from './nftables/rule.ts';
export { type RulesetEvent, watchRuleset } from './nftables/ruleset-events.ts';
export type { NamedSet, SetFlag, SetInfo, SetRef } from './nftables/set.ts';
export type { Table, TableFlag, TableInfo, TableRef } from './nftables/table.ts';
export type { Transaction } from './nftables/transaction.ts';
export {
  accept,
  continueVerdict,
  drop,
  goto,
  jump,
  returnVerdict,
  type Verdict,
} from './nftables/verdict.ts';
export type { RouteEvent } from './rtnetlink/changes.ts';
export type { Forwarding } from './rtnetlink/forwarding.ts';
export type { InterfaceAddress } from './rtnetlink/interface-address.ts';
export type { Link } from './rtnetlink/link.ts';
export type { Neighbour, NeighbourState } from './rtnetlink/neighbour.ts';
export { Rtnetlink } from './rtnetlink/rtnetlink.ts';

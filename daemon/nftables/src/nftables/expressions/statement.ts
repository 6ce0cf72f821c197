import type { AttributeWriter } from '../../netlink/attribute-writer.ts';
import { checkName } from '../name.ts';
import { writeNamed } from './named.ts';

/** Counts packets and bytes that reach it. */
export interface Counter {
  readonly kind: 'counter';
}

/** Leaves the packet out of connection tracking. */
export interface Notrack {
  readonly kind: 'notrack';
}

export interface Masquerade {
  readonly kind: 'masq';
}

export interface Redirect {
  readonly kind: 'redir';
  /** Holds the port in network order. */
  readonly register: number;
}

// enum nft_reject_types and nft_reject_inet_code
const rejections = {
  'tcp reset': [1, 0],
  'no route': [2, 0],
  'port unreachable': [2, 1],
  'host unreachable': [2, 2],
  'admin prohibited': [2, 3],
} as const;

export interface Reject {
  readonly kind: 'reject';
  readonly with: keyof typeof rejections;
}

export interface Log {
  readonly kind: 'log';
  /** The nfnetlink_log group, 0 to 65535. */
  readonly group: number;
  readonly prefix: string | undefined;
  /** Bytes of each packet to copy; all when absent. */
  readonly snapLength: number | undefined;
}

/** Counts packets of a second against a rate. */
export interface Limit {
  readonly kind: 'limit';
  readonly perSecond: number;
  /** So many more at once. */
  readonly burst: number;
  /** Matches what is over the rate, instead of what is within it. */
  readonly over: boolean;
}

// enum nft_dynset_ops
const dynsetOperations = { add: 0, update: 1, delete: 2 } as const;

export interface Dynset {
  readonly kind: 'dynset';
  readonly operation: keyof typeof dynsetOperations;
  readonly set: string;
  /** Holds the key. */
  readonly register: number;
  /** Holds the data, for maps. */
  readonly data: number | undefined;
  /** Milliseconds an added element lives; `update` starts them again. */
  readonly timeout: number | undefined;
  /** Whether each element counts its packets; the set must have been made with `counter`. */
  readonly counter: boolean;
}

const redirAttribute = { protocolMinimum: 1 } as const;
const rejectAttribute = { type: 1, code: 2 } as const;
const logAttribute = { group: 1, prefix: 2, snapLength: 3 } as const;
const limitAttribute = { rate: 1, unit: 2, burst: 3, type: 4, flags: 5 } as const;
const NFT_LIMIT_PKTS = 0;
const NFT_LIMIT_F_INV = 1;
const dynsetAttribute = { set: 1, operation: 3, key: 4, data: 5, timeout: 6, expression: 7 } as const;

export const counter: Counter = { kind: 'counter' };
export const notrack: Notrack = { kind: 'notrack' };

/** Source NAT to the address of the outgoing interface; in `postrouting` chains of type nat. */
export const masq: Masquerade = { kind: 'masq' };

/** Destination NAT to this machine, at the port in a register; in `prerouting` and `output` chains of type nat. */
export function redir(register: number): Redirect {
  return { kind: 'redir', register };
}

/** Drops the packet and tells its sender: by TCP RST, or by ICMP or ICMPv6 (what nft calls icmpx). */
export function reject(how: Reject['with']): Reject {
  return { kind: 'reject', with: how };
}

/** Copies the packet to the listeners of an NFLOG group. */
export function log(
  group: number,
  options: { readonly prefix?: string; readonly snapLength?: number } = {},
): Log {
  return { kind: 'log', group, prefix: options.prefix, snapLength: options.snapLength };
}

/** Ends the rule for packets over a rate, or with `over` for those within it. All that reach the rule share it. */
export function limit(
  perSecond: number,
  options: { readonly burst: number; readonly over?: boolean },
): Limit {
  return { kind: 'limit', perSecond, burst: options.burst, over: options.over ?? false };
}

/** Adds, refreshes or deletes an element of a set (made with the `dynamic` flag) from the packet path. */
export function dynset(
  operation: Dynset['operation'],
  register: number,
  set: string,
  options: { readonly data?: number; readonly timeout?: number; readonly counter?: boolean } = {},
): Dynset {
  const { data, timeout, counter: counts = false } = options;
  return { kind: 'dynset', operation, register, set, data, timeout, counter: counts };
}

export function writeRedirect(writer: AttributeWriter, { register }: Redirect): void {
  writer.u32(redirAttribute.protocolMinimum, register);
}

export function writeReject(writer: AttributeWriter, expression: Reject): void {
  const [type, code] = rejections[expression.with];
  writer.u32(rejectAttribute.type, type);
  writer.u8(rejectAttribute.code, code);
}

export function writeLog(writer: AttributeWriter, { group, prefix, snapLength }: Log): void {
  writer.u16(logAttribute.group, group);
  if (prefix !== undefined) writer.string(logAttribute.prefix, prefix);
  if (snapLength !== undefined) writer.u32(logAttribute.snapLength, snapLength);
}

export function writeDynset(writer: AttributeWriter, expression: Dynset): void {
  const { set, operation, register, data, timeout } = expression;
  writer.string(dynsetAttribute.set, checkName(set));
  writer.u32(dynsetAttribute.operation, dynsetOperations[operation]);
  writer.u32(dynsetAttribute.key, register);
  if (data !== undefined) writer.u32(dynsetAttribute.data, data);
  if (timeout !== undefined) writer.u64(dynsetAttribute.timeout, timeout);
  if (expression.counter) writer.nest(dynsetAttribute.expression, () => writeNamed(writer, 'counter'));
}

export function writeLimit(writer: AttributeWriter, { perSecond, burst, over }: Limit): void {
  writer.u64(limitAttribute.rate, perSecond);
  writer.u64(limitAttribute.unit, 1);
  writer.u32(limitAttribute.burst, burst);
  writer.u32(limitAttribute.type, NFT_LIMIT_PKTS);
  writer.u32(limitAttribute.flags, over ? NFT_LIMIT_F_INV : 0);
}

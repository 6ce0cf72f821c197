import type { AttributeWriter } from '../../netlink/attribute-writer.ts';

export type PayloadBase = 'link' | 'network' | 'transport';

interface PayloadField {
  readonly base: PayloadBase;
  /** Bytes from the start of that header. */
  readonly offset: number;
  readonly length: number;
  readonly register: number;
}

export interface Payload extends PayloadField {
  readonly kind: 'payload';
}

export interface PayloadSet extends PayloadField {
  readonly kind: 'payload set';
  /** Where the internet checksum that covers the field is, in the same header; null leaves checksums alone. */
  readonly checksumOffset: number | null;
}

// linux/netfilter/nf_tables.h
const bases = { link: 0, network: 1, transport: 2 } as const;
const payloadAttribute = {
  target: 1,
  base: 2,
  offset: 3,
  length: 4,
  source: 5,
  checksumType: 6,
  checksumOffset: 7,
} as const;
const NFT_PAYLOAD_CSUM_NONE = 0;
const NFT_PAYLOAD_CSUM_INET = 1;

/** Loads packet bytes into a register. The rule does not match when the packet is shorter. */
export function payload(base: PayloadBase, offset: number, length: number, register: number): Payload {
  return { kind: 'payload', base, offset, length, register };
}

/** Writes a register into the packet. With a `checksumOffset` the checksum there is corrected incrementally. */
export function payloadSet(
  base: PayloadBase,
  offset: number,
  length: number,
  register: number,
  checksumOffset: number | null = null,
): PayloadSet {
  return { kind: 'payload set', base, offset, length, register, checksumOffset };
}

export function writePayload(writer: AttributeWriter, { base, offset, length, register }: Payload): void {
  writer.u32(payloadAttribute.target, register);
  writer.u32(payloadAttribute.base, bases[base]);
  writer.u32(payloadAttribute.offset, offset);
  writer.u32(payloadAttribute.length, length);
}

export function writePayloadSet(writer: AttributeWriter, expression: PayloadSet): void {
  const { base, offset, length, register, checksumOffset } = expression;
  writer.u32(payloadAttribute.source, register);
  writer.u32(payloadAttribute.base, bases[base]);
  writer.u32(payloadAttribute.offset, offset);
  writer.u32(payloadAttribute.length, length);
  if (checksumOffset === null) {
    writer.u32(payloadAttribute.checksumType, NFT_PAYLOAD_CSUM_NONE);
  } else {
    writer.u32(payloadAttribute.checksumType, NFT_PAYLOAD_CSUM_INET);
    writer.u32(payloadAttribute.checksumOffset, checksumOffset);
  }
}

// enum nft_meta_keys
const metaKeys = {
  length: 0,
  protocol: 1,
  priority: 2,
  mark: 3,
  iif: 4,
  oif: 5,
  iifname: 6,
  oifname: 7,
  iiftype: 8,
  nfproto: 15,
  l4proto: 16,
  pkttype: 19,
} as const;
const metaAttribute = { target: 1, key: 2, source: 3 } as const;

export type MetaKey = keyof typeof metaKeys;

export interface Meta {
  readonly kind: 'meta';
  readonly key: MetaKey;
  readonly register: number;
}

export interface MetaSet {
  readonly kind: 'meta set';
  readonly key: 'mark' | 'priority' | 'pkttype';
  readonly register: number;
}

/**
 * Loads packet metadata. `mark`, `priority`, `iif`, `oif`, `length` are in host order, names are 16 bytes (see
 * `interfaceName`), `protocol` is in network order, `l4proto`, `nfproto` and `pkttype` are one byte.
 */
export function meta(key: MetaKey, register: number): Meta {
  return { kind: 'meta', key, register };
}

export function metaSet(key: MetaSet['key'], register: number): MetaSet {
  return { kind: 'meta set', key, register };
}

export function writeMeta(writer: AttributeWriter, { key, register }: Meta): void {
  writer.u32(metaAttribute.key, metaKeys[key]);
  writer.u32(metaAttribute.target, register);
}

export function writeMetaSet(writer: AttributeWriter, { key, register }: MetaSet): void {
  writer.u32(metaAttribute.key, metaKeys[key]);
  writer.u32(metaAttribute.source, register);
}

// enum nft_ct_keys
const ctKeys = { state: 0, direction: 1, status: 2, mark: 3 } as const;
const ctAttribute = { target: 1, key: 2 } as const;

export interface Ct {
  readonly kind: 'ct';
  readonly key: keyof typeof ctKeys;
  readonly register: number;
}

/** Bits of `ct('state', …)`, to be masked in host order (NF_CT_STATE_BIT). */
export const ctState = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;

/** Bits of `ct('status', …)` (enum ip_conntrack_status). */
export const ctStatus = { seenReply: 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 } as const;

/** Loads from the packet's conntrack entry. `direction` is one byte (0 original, 1 reply), the others are 4 in host order. */
export function ct(key: Ct['key'], register: number): Ct {
  return { kind: 'ct', key, register };
}

export function writeCt(writer: AttributeWriter, { key, register }: Ct): void {
  writer.u32(ctAttribute.target, register);
  writer.u32(ctAttribute.key, ctKeys[key]);
}

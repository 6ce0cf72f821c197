import { NetlinkError } from '../netlink/error.ts';

/**
 * How nft prints the keys or data of a set. The kernel stores `id` without looking at it; `length` is in bytes.
 * The ids are nft's (include/datatype.h, enum datatypes).
 */
export interface DataType {
  readonly id: number;
  readonly length: number;
  /** So that nft prints a number right; what is not a number, and what the kernel tells of a set, has none. */
  readonly byteOrder?: 'host' | 'network';
}

const MAXIMUM_KEY = 64;
const CONCATENATION_BITS = 6;

export const ipv4Addr: DataType = { id: 7, length: 4, byteOrder: 'network' };
export const ipv6Addr: DataType = { id: 8, length: 16, byteOrder: 'network' };
export const etherAddr: DataType = { id: 9, length: 6, byteOrder: 'network' };
export const inetProto: DataType = { id: 12, length: 1, byteOrder: 'network' };
export const inetService: DataType = { id: 13, length: 2, byteOrder: 'network' };
export const mark: DataType = { id: 19, length: 4, byteOrder: 'host' };
export const ifname: DataType = { id: 41, length: 16, byteOrder: 'host' };

/** Plain bytes, printed as one number; up to 64. Throws EINVAL. */
export function integer(length: number): DataType {
  if (!Number.isInteger(length) || length < 1 || length > MAXIMUM_KEY) {
    throw new NetlinkError('EINVAL', `a key of ${length} bytes; 1 to ${MAXIMUM_KEY} are possible`);
  }
  return { id: 4, length, byteOrder: 'network' };
}

/** Several fields as one key, e.g. `ether_addr . inet_service`; each begins at a 4-byte boundary. Throws EINVAL. */
export function concatenated(...fields: readonly DataType[]): DataType {
  const length = fields.reduce((sum, field) => sum + align(field.length), 0);
  if (length > MAXIMUM_KEY)
    throw new NetlinkError('EINVAL', `a key of ${length} bytes; ${MAXIMUM_KEY} are possible`);
  return { id: fields.reduce((id, field) => (id << CONCATENATION_BITS) | field.id, 0), length };
}

/** The key of a `concatenated` type. */
export function concatenatedKey(...fields: readonly Uint8Array[]): Buffer {
  const key = Buffer.alloc(fields.reduce((sum, field) => sum + align(field.length), 0));
  let offset = 0;
  for (const field of fields) {
    key.set(field, offset);
    offset += align(field.length);
  }
  return key;
}

const align = (length: number): number => (length + 3) & ~3;

import { NetlinkError } from '../netlink/error.ts';

/**
 * Comments live in the opaque userdata of an object as (type, length, value) triples, as libnftnl writes them
 * (libnftnl/udata.h). The type of a comment differs between objects.
 */
export const commentType = { table: 0, chain: 0, rule: 0, element: 0, set: 7 } as const;

// enum nftnl_udata_set_types of libnftnl and enum byteorder of nft
const byteOrderType = { key: 0, data: 1 } as const;
const byteOrders = { host: 1, network: 2 } as const;

// NFTNL_UDATA_COMMENT_MAXLEN: nft refuses to read back what is longer.
const LONGEST = 128;

/** Throws EINVAL for a comment of more than 127 bytes or with a NUL in it. */
export function encodeComment(type: number, comment: string): Buffer {
  const text = Buffer.from(`${comment}\0`);
  if (text.length > LONGEST || comment.includes('\0')) {
    throw new NetlinkError('EINVAL', `a comment must be shorter than ${LONGEST} bytes and without NUL`);
  }
  return Buffer.concat([Buffer.from([type, text.length]), text]);
}

/** Tells nft how to read the keys or the data of a set. */
export function encodeByteOrder(of: 'key' | 'data', order: 'host' | 'network' | undefined): Buffer {
  const triple = Buffer.from([byteOrderType[of], 4, 0, 0, 0, 0]);
  if (order !== undefined) triple.writeUInt32LE(byteOrders[order], 2);
  return triple;
}

/** The comment in an object's userdata; undefined when there is none or the bytes are not such triples. */
export function decodeComment(type: number, userdata: Buffer | undefined): string | undefined {
  if (userdata === undefined) return undefined;
  for (let offset = 0; offset + 2 <= userdata.length; ) {
    const end = offset + 2 + userdata.readUInt8(offset + 1);
    if (end > userdata.length) return undefined;
    if (userdata.readUInt8(offset) === type)
      return userdata.toString('utf8', offset + 2, end).replace(/\0.*$/s, '');
    offset = end;
  }
  return undefined;
}

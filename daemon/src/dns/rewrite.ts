import type { DnsName } from '@khien/shared/name';

import { type Answer, emptyAnswer } from './answer.ts';
import { wireName } from './qname.ts';
import type { Query } from './query.ts';
import { CLASS_IN, HEADER_BYTES, RCODE, TYPE } from './registry.ts';
import { answerRecords } from './response.ts';

/** More than any of these names has. */
const MAX_ADDRESSES = 16;

/** A plain query of our own, with recursion desired and without EDNS. */
export function queryFor(name: DnsName, type: number): Query {
  const qname = wireName(name);
  const bytes = Buffer.alloc(HEADER_BYTES + qname.length + 4);
  bytes.writeUInt16BE(0x0100, 2);
  bytes.writeUInt16BE(1, 4);
  qname.copy(bytes, HEADER_BYTES);
  bytes.writeUInt16BE(type, HEADER_BYTES + qname.length);
  bytes.writeUInt16BE(CLASS_IN, HEADER_BYTES + qname.length + 2);
  return { bytes, questionEnd: bytes.length, edns: null, name, type };
}

/** Is the answer over UDP only a part, so that it must be asked for over TCP (RFC 2181 §9)? */
export function isTruncated(response: Buffer): boolean {
  return response.length >= 4 && (response.readUInt16BE(2) & 0x0200) !== 0;
}

/**
 * The answer to a query for A or AAAA of a name that shall be an alias of `to`, from what the resolver says of `to`: its addresses, no longer than
 * they hold and at most `longest` seconds. No data where it has none of this type; undefined where the resolver failed.
 */
export function aliasAnswer(
  to: DnsName,
  type: number,
  response: Buffer,
  longest: number,
): Answer | undefined {
  if (response.length < HEADER_BYTES || (response.readUInt16BE(2) & 0x020f) !== RCODE.NOERROR)
    return undefined;
  const addresses: Buffer[] = [];
  let ttl = longest;
  for (const record of answerRecords(response)) {
    ttl = Math.min(ttl, record.ttl);
    if (record.type === type && record.data.length === (type === TYPE.A ? 4 : 16))
      addresses.push(record.data);
    if (addresses.length === MAX_ADDRESSES) break;
  }
  return addresses.length === 0
    ? emptyAnswer(longest)
    : { rcode: RCODE.NOERROR, alias: to, addresses, ttl, ede: null };
}

import { RCODE, TYPE } from '../dns/registry.ts';
import { addressesOf, answerRecords } from '../dns/response.ts';

/** What an answer says of where a name is. */
export interface NameAddresses {
  /** Of A and AAAA records, and hints of HTTPS and SVCB records; at most 32. */
  readonly addresses: readonly string[];
  /** Names on the way to them, lower case: targets of CNAME records. */
  readonly aliases: readonly string[];
  /** The shortest of the records, seconds. */
  readonly ttl: number;
}

const MAX_ADDRESSES = 32;
const MAX_ALIASES = 8;
const MAX_LABELS = 128;
const POINTER = 0xc0;

/** Reads an answer; undefined where it leads nowhere. Throws nothing, whatever the bytes are. */
export function readAddresses(response: Buffer): NameAddresses | undefined {
  if (response.length < 4 || (response.readUInt16BE(2) & 0x800f) !== (0x8000 | RCODE.NOERROR))
    return undefined;
  const addresses: string[] = [];
  const aliases: string[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  for (const record of answerRecords(response)) {
    if (record.type === TYPE.CNAME) {
      const alias = nameAt(response, record.data.byteOffset - response.byteOffset);
      if (alias !== undefined && aliases.length < MAX_ALIASES) aliases.push(alias);
    } else {
      addresses.push(...addressesOf(record.type, record.data));
    }
    ttl = Math.min(ttl, record.ttl);
    if (addresses.length >= MAX_ADDRESSES) break;
  }
  if (addresses.length === 0) return undefined;
  return { addresses: addresses.slice(0, MAX_ADDRESSES), aliases, ttl };
}

/** A name that may be compressed (RFC 1035 §4.1.4): pointers lead back only, so that there is an end. */
function nameAt(message: Buffer, start: number): string | undefined {
  const labels: string[] = [];
  let at = start;
  let limit = start;
  while (labels.length < MAX_LABELS) {
    const length = message[at];
    if (length === undefined) return undefined;
    if (length === 0) return labels.join('.').toLowerCase();
    if (length >= POINTER) {
      const target = ((length & ~POINTER) << 8) | (message[at + 1] ?? 0);
      if (target >= limit) return undefined;
      limit = target;
      at = target;
      continue;
    }
    if (length > 63 || at + 1 + length > message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return undefined;
}

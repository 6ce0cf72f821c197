import type { DnsName } from '@khien/shared/name';
import { PORTAL_NAME } from '../layout.ts';
import { wireName } from './qname.ts';
import type { Asked } from './query.ts';
import { CLASS_IN, HEADER_BYTES, OPTION_EDE, RCODE, TYPE } from './registry.ts';

export interface ExtendedError {
  readonly code: number;
  /** EXTRA-TEXT: for people who look closely, short. */
  readonly text: string;
}

export interface Answer {
  readonly rcode: number;
  /** Data of the answer section's records, of the type that was asked: 4 or 16 bytes each. */
  readonly addresses: readonly Buffer[];
  /** The name that the name asked for is an alias of; then the addresses are its. */
  readonly alias?: DnsName;
  /** Seconds that the answer holds, also where it is negative; null for an error, which nobody may keep. */
  readonly ttl: number | null;
  /** Told only to who speaks EDNS (RFC 8914 §2). */
  readonly ede: ExtendedError | null;
}

/** What this side can take over UDP, and the most it sends: no fragments on any home network (DNS flag day 2020). */
const OUR_PAYLOAD = 1232;
const PLAIN_PAYLOAD = 512;
export const TCP_PAYLOAD = 65_535;

/** The largest answer over UDP that the asker takes (RFC 6891 §6.2.3: less than 512 means 512). */
export function udpPayload(asked: Asked): number {
  if (asked.edns === null) return PLAIN_PAYLOAD;
  return Math.min(Math.max(asked.edns.payload, PLAIN_PAYLOAD), OUR_PAYLOAD);
}

const MAX_EXTRA_TEXT = 100;
/** Of a compressed name (RFC 1035 §4.1.4). */
const POINTER = 0xc000;
const POINTER_TO_QNAME = POINTER | HEADER_BYTES;
const RECORD_HEAD = 12;

// MNAME, RNAME, SERIAL, REFRESH, RETRY, EXPIRE (1, an hour, ten minutes, a day); MINIMUM follows. Nobody transfers this.
const SOA_DATA = Buffer.concat([
  wireName(PORTAL_NAME),
  wireName('nobody.invalid'),
  Buffer.from('00000001' + '00000e10' + '00000258' + '00015180', 'hex'),
]);

/**
 * Writes an answer that repeats id, question, RD and CD of what was asked, to the byte (so DNS 0x20 holds). A negative
 * answer carries an SOA owned by the name itself (RFC 2308 §3). Where it is larger than `limit`, first the extended
 * error is left out and then all records, and TC is set (RFC 8914 §3).
 */
export function writeAnswer(asked: Asked, answer: Answer, limit: number): Buffer {
  const whole = compose(asked, answer, false);
  if (whole.length <= limit) return whole;
  const withoutReason = compose(asked, { ...answer, ede: null }, true);
  if (withoutReason.length <= limit) return withoutReason;
  return compose(asked, { rcode: answer.rcode, addresses: [], ttl: null, ede: null }, true);
}

function compose(asked: Asked, answer: Answer, truncated: boolean): Buffer {
  const { rcode, addresses, ttl, ede } = answer;
  const question = asked.questionEnd - HEADER_BYTES;
  const negative = ttl !== null && addresses.length === 0;
  const text = ede === null ? EMPTY : Buffer.from(ede.text).subarray(0, MAX_EXTRA_TEXT);
  const option = ede === null ? 0 : 6 + text.length;
  const alias = answer.alias === undefined ? null : wireName(answer.alias);
  const size =
    asked.questionEnd +
    (alias === null ? 0 : RECORD_HEAD + alias.length) +
    addresses.reduce((sum, data) => sum + RECORD_HEAD + data.length, 0) +
    (negative ? RECORD_HEAD + SOA_DATA.length + 4 : 0) +
    (asked.edns === null ? 0 : 11 + option);

  const out = Buffer.allocUnsafe(size);
  const flags = asked.bytes.readUInt16BE(2);
  out.writeUInt16BE(asked.bytes.readUInt16BE(0), 0);
  // QR and RA, with the asker's opcode, RD and CD (RFC 4035 §3.1.6).
  out.writeUInt16BE(0x8080 | (flags & 0x7910) | (truncated ? 0x0200 : 0) | (rcode & 0xf), 2);
  out.writeUInt16BE(question > 0 ? 1 : 0, 4);
  out.writeUInt16BE(addresses.length + (alias === null ? 0 : 1), 6);
  out.writeUInt16BE(negative ? 1 : 0, 8);
  out.writeUInt16BE(asked.edns === null ? 0 : 1, 10);
  if (question > 0) asked.bytes.copy(out, HEADER_BYTES, HEADER_BYTES, asked.questionEnd);

  let at = asked.questionEnd;
  let owner = POINTER_TO_QNAME;
  if (alias !== null) {
    at = writeRecord(out, at, owner, TYPE.CNAME, ttl ?? 0, alias.length);
    owner = POINTER | at;
    at += alias.copy(out, at);
  }
  for (const data of addresses) {
    at = writeRecord(out, at, owner, data.length === 4 ? TYPE.A : TYPE.AAAA, ttl ?? 0, data.length);
    at += data.copy(out, at);
  }
  if (negative) {
    at = writeRecord(out, at, POINTER_TO_QNAME, TYPE.SOA, ttl, SOA_DATA.length + 4);
    at += SOA_DATA.copy(out, at);
    at = out.writeUInt32BE(ttl, at);
  }
  if (asked.edns !== null) {
    at = out.writeUInt8(0, at);
    at = out.writeUInt16BE(TYPE.OPT, at);
    at = out.writeUInt16BE(OUR_PAYLOAD, at);
    // Extended RCODE, version 0, DO as asked (RFC 6891 §6.1.3, RFC 3225 §3).
    at = out.writeUInt8(rcode >> 4, at);
    at = out.writeUInt8(0, at);
    at = out.writeUInt16BE(asked.edns.dnssecOk ? 0x8000 : 0, at);
    at = out.writeUInt16BE(option, at);
    if (ede !== null) {
      at = out.writeUInt16BE(OPTION_EDE, at);
      at = out.writeUInt16BE(2 + text.length, at);
      at = out.writeUInt16BE(ede.code, at);
      text.copy(out, at);
    }
  }
  return out;
}

const EMPTY = Buffer.alloc(0);

function writeRecord(
  out: Buffer,
  at: number,
  owner: number,
  type: number,
  ttl: number,
  dataLength: number,
): number {
  out.writeUInt16BE(owner, at);
  out.writeUInt16BE(type, at + 2);
  out.writeUInt16BE(CLASS_IN, at + 4);
  out.writeUInt32BE(ttl, at + 6);
  return out.writeUInt16BE(dataLength, at + 10);
}

/** An answer that only says that something is wrong. */
export function errorAnswer(rcode: number, ede: ExtendedError | null = null): Answer {
  return { rcode, addresses: [], ttl: null, ede };
}

/** "There is such a name, but nothing of this type." */
export function emptyAnswer(ttl: number, ede: ExtendedError | null = null): Answer {
  return { rcode: RCODE.NOERROR, addresses: [], ttl, ede };
}

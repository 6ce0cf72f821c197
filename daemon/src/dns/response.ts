import { SocketAddress } from 'node:net';
import type { Query } from './query.ts';
import { CLASS_IN, HEADER_BYTES, SVC_PARAM, TYPE } from './registry.ts';

/** More than any real answer has, and a bound on what one answer makes the kernel remember. */
const MAX_ADDRESSES = 64;

/** Is `response` an answer to `query`, sent under `id`? The question is compared without regard to case. */
export function answers(response: Buffer, query: Query, id: number): boolean {
  if (response.length < query.questionEnd) return false;
  if (response.readUInt16BE(0) !== id || (response.readUInt16BE(2) & 0xf800) !== 0x8000) return false;
  if (response.readUInt16BE(4) !== 1) return false;
  for (let at = HEADER_BYTES; at < query.questionEnd; at += 1) {
    if (folded(response[at]) !== folded(query.bytes[at])) return false;
  }
  return true;
}

function folded(byte: number | undefined): number {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : (byte ?? -1);
}

/** A record of the answer section, without its owner. */
interface AnswerRecord {
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: Buffer;
}

/** The records of class IN in the answer section. What cannot be read ends them; nothing is thrown. */
export function* answerRecords(response: Buffer): Generator<AnswerRecord> {
  if (response.length < HEADER_BYTES) return;
  let at = HEADER_BYTES;
  for (let count = response.readUInt16BE(4); count > 0; count -= 1) {
    const end = skipName(response, at);
    if (end === undefined) return;
    at = end + 4;
  }
  for (let count = response.readUInt16BE(6); count > 0; count -= 1) {
    const fixed = skipName(response, at);
    if (fixed === undefined || fixed + 10 > response.length) return;
    const data = fixed + 10;
    at = data + response.readUInt16BE(fixed + 8);
    if (at > response.length) return;
    if (response.readUInt16BE(fixed + 2) !== CLASS_IN) continue;
    yield {
      type: response.readUInt16BE(fixed),
      ttl: response.readUInt32BE(fixed + 4),
      data: response.subarray(data, at),
    };
  }
}

/**
 * The addresses that an answer leads to: A and AAAA records, and the hints of SVCB and HTTPS records (RFC 9460 §7.3).
 * As text, IPv6 as RFC 5952.
 */
export function addressesIn(response: Buffer): string[] {
  const found: string[] = [];
  for (const { type, data } of answerRecords(response)) {
    found.push(...addressesOf(type, data));
    if (found.length >= MAX_ADDRESSES) break;
  }
  return found.slice(0, MAX_ADDRESSES);
}

/** Where the name at `at` ends in the message. A pointer ends it, and is not followed. */
function skipName(bytes: Buffer, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if ((length & 0xc0) === 0xc0) return at + 2 <= bytes.length ? at + 2 : undefined;
    if ((length & 0xc0) !== 0) return undefined;
    at += 1 + length;
  }
}

/** The addresses that one record leads to. */
export function addressesOf(type: number, data: Buffer): string[] {
  if (type === TYPE.A) return split(data, 4);
  if (type === TYPE.AAAA) return split(data, 16);
  if (type === TYPE.HTTPS || type === TYPE.SVCB) return hintsIn(data);
  return [];
}

function hintsIn(data: Buffer): string[] {
  const target = skipName(data, 2);
  const found: string[] = [];
  if (target === undefined) return found;
  let at = target;
  while (at + 4 <= data.length) {
    const key = data.readUInt16BE(at);
    const value = data.subarray(at + 4, at + 4 + data.readUInt16BE(at + 2));
    if (key === SVC_PARAM.IPV4_HINT) found.push(...split(value, 4));
    if (key === SVC_PARAM.IPV6_HINT) found.push(...split(value, 16));
    at += 4 + value.length;
  }
  return found;
}

/** Addresses of `size` bytes back to back; none where the length is odd. */
function split(data: Buffer, size: 4 | 16): string[] {
  if (data.length === 0 || data.length % size !== 0) return [];
  return Array.from({ length: data.length / size }, (_, index) =>
    addressText(data.subarray(index * size, (index + 1) * size)),
  );
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
  return new SocketAddress({ address: groups, family: 'ipv6' }).address;
}

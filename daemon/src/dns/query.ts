import { readQname } from './qname.ts';
import { CLASS_IN, HEADER_BYTES, RCODE, TYPE } from './registry.ts';

/** What the asker said over EDNS (RFC 6891). Its options are checked for form and otherwise left to the resolver. */
export interface Edns {
  /** The UDP payload size that the asker can take, bytes; as sent. */
  readonly payload: number;
  readonly dnssecOk: boolean;
}

/** What an answer repeats of the message that it answers. */
export interface Asked {
  /** The whole message, at least its first four bytes. */
  readonly bytes: Buffer;
  /** Where the question section ends; `HEADER_BYTES` where no question could be read. */
  readonly questionEnd: number;
  readonly edns: Edns | null;
}

export interface Query extends Asked {
  /** As `readQname` writes it; empty for the root. */
  readonly name: string;
  readonly type: number;
}

export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'invalid'; readonly rcode: number; readonly asked: Asked }
  /** Nothing may be answered: no header can be read, or it is itself an answer. */
  | { readonly kind: 'silence' };

const SILENCE: ParsedQuery = { kind: 'silence' };

/**
 * Parses one message from a client, strictly: what is accepted has exactly one reading, so that the resolver which is
 * handed the same bytes cannot see another name in them. One question of class IN, no answers, no authority, at most
 * one additional record, which is an OPT; nothing behind it (RFC 1035 §4.1, RFC 6891 §6.1).
 */
export function parseQuery(bytes: Buffer): ParsedQuery {
  if (bytes.length < 4) return SILENCE;
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) !== 0) return SILENCE;
  const unread: Asked = { bytes, questionEnd: HEADER_BYTES, edns: null };
  if ((flags & 0x7800) !== 0) return invalid(RCODE.NOTIMP, unread);
  if (bytes.length < HEADER_BYTES) return invalid(RCODE.FORMERR, unread);
  // QDCOUNT 1, ANCOUNT 0, NSCOUNT 0.
  if (bytes.readUInt32BE(4) !== 0x0001_0000 || bytes.readUInt16BE(8) !== 0) {
    return invalid(RCODE.FORMERR, unread);
  }

  const qname = readQname(bytes, HEADER_BYTES);
  if (qname === undefined || qname.end + 4 > bytes.length) return invalid(RCODE.FORMERR, unread);
  const type = bytes.readUInt16BE(qname.end);
  const questionEnd = qname.end + 4;

  const additional = parseAdditional(bytes, questionEnd, bytes.readUInt16BE(10));
  if (additional === undefined) return invalid(RCODE.FORMERR, { bytes, questionEnd, edns: null });
  const asked: Asked = { bytes, questionEnd, edns: additional.edns };
  if (additional.version !== 0) return invalid(RCODE.BADVERS, asked);
  if (bytes.readUInt16BE(qname.end + 2) !== CLASS_IN) return invalid(RCODE.REFUSED, asked);
  if (type === TYPE.AXFR || type === TYPE.IXFR) return invalid(RCODE.REFUSED, asked);
  return { kind: 'query', query: { ...asked, name: qname.text, type } };
}

function invalid(rcode: number, asked: Asked): ParsedQuery {
  return { kind: 'invalid', rcode, asked };
}

interface Additional {
  readonly edns: Edns | null;
  readonly version: number;
}

/** The additional section, which must end where the message does; undefined where it is not empty or one OPT record. */
function parseAdditional(bytes: Buffer, start: number, count: number): Additional | undefined {
  if (count === 0) return start === bytes.length ? { edns: null, version: 0 } : undefined;
  const data = start + 11;
  if (count !== 1 || data > bytes.length) return undefined;
  if (bytes[start] !== 0 || bytes.readUInt16BE(start + 1) !== TYPE.OPT) return undefined;
  if (data + bytes.readUInt16BE(start + 9) !== bytes.length || !optionsFit(bytes, data)) return undefined;
  return {
    edns: {
      payload: bytes.readUInt16BE(start + 3),
      dnssecOk: (bytes.readUInt16BE(start + 7) & 0x8000) !== 0,
    },
    version: bytes[start + 6] ?? 0,
  };
}

function optionsFit(bytes: Buffer, start: number): boolean {
  let at = start;
  while (at + 4 <= bytes.length) at += 4 + bytes.readUInt16BE(at + 2);
  return at === bytes.length;
}

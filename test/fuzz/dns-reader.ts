/**
 * A reader of DNS messages (RFC 1035 §4.1) that shares nothing with the daemon's or the kernel's. Names are text of one
 * character a byte in wire format without compression, ASCII letters in lower case (RFC 4343); the root is one zero.
 */
export type WireName = string;

const HEADER = 12;
const POINTER = 0xc0;
/** More than any resolver follows. */
const MOST_JUMPS = 256;
const MOST_QUESTIONS = 64;
/** Four times what RFC 1035 allows: somebody may be generous. */
const LONGEST_GENEROUS = 1024;
const LONGEST_PLAIN = 255;
/** IN, CH, HS, NONE, ANY. */
const CLASSES: ReadonlySet<number> = new Set([1, 3, 4, 254, 255]);

/** A question as somebody may understand it. */
export interface Understood {
  readonly name: WireName;
  /** Whether a type and a class that there is follow (RFC 6895 §3.2). */
  readonly whole: boolean;
}

/**
 * Every question that the least strict resolver could find in a message: whatever the flags and counts say, with pointers
 * to anywhere, too long, without a type and class. At least one is looked for.
 */
export function questionsUnderstood(message: Buffer): Understood[] {
  const found: Understood[] = [];
  const questions = message.length < HEADER ? 0 : Math.max(message.readUInt16BE(4), 1);
  let at = HEADER;
  for (let count = 0; count < Math.min(questions, MOST_QUESTIONS); count++) {
    const name = readName(message, at);
    if (name === undefined) break;
    at = name.end + 4;
    found.push({ name: name.wire, whole: at <= message.length && CLASSES.has(message.readUInt16BE(at - 2)) });
  }
  return found;
}

function readName(message: Buffer, start: number): { wire: WireName; end: number } | undefined {
  let wire = '';
  let end: number | undefined;
  let jumps = 0;
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || wire.length > LONGEST_GENEROUS) return undefined;
    if ((length & POINTER) === POINTER) {
      const low = message[at + 1];
      if (low === undefined || ++jumps > MOST_JUMPS) return undefined;
      end ??= at + 2;
      at = ((length & ~POINTER) << 8) | low;
    } else if ((length & POINTER) !== 0 || at + 1 + length > message.length) {
      return undefined;
    } else {
      wire += lowerCase(message.toString('latin1', at, at + 1 + length));
      at += 1 + length;
      if (length === 0) return { wire, end: end ?? at };
    }
  }
}

/** What `plainQuery` says of a message. */
export interface PlainQuery {
  readonly name: WireName;
  readonly type: number;
  /** Whether ARCOUNT says what there is. */
  readonly tidy: boolean;
  /** The OPT record's data. */
  readonly options: Buffer;
}

/**
 * The question of a message that has exactly one reading: a query with RD, AD and CD at most, one question of class IN, and
 * nothing else but perhaps an OPT record of version 0 without options or with a client cookie (RFC 6891, RFC 7873).
 */
export function plainQuery(message: Buffer): PlainQuery | undefined {
  if (message.length < HEADER || (message.readUInt16BE(2) & 0xfecf) !== 0) return undefined;
  // QDCOUNT 1, ANCOUNT 0; NSCOUNT 0, ARCOUNT 0 or 1.
  if (message.readUInt32BE(4) !== 0x0001_0000 || message.readUInt32BE(8) > 1) return undefined;
  let end = HEADER;
  for (;;) {
    const length = message[end];
    if (length === undefined || length > 63) return undefined;
    end += 1 + length;
    if (end - HEADER > LONGEST_PLAIN) return undefined;
    if (length === 0) break;
  }
  if (end + 4 > message.length || message.readUInt16BE(end + 2) !== 1) return undefined;
  const hasRecord = end + 4 < message.length;
  if (hasRecord && !isPlainOpt(message.subarray(end + 4))) return undefined;
  return {
    name: lowerCase(message.toString('latin1', HEADER, end)),
    type: message.readUInt16BE(end),
    tidy: message.readUInt16BE(10) === (hasRecord ? 1 : 0),
    options: message.subarray(end + 4 + 11),
  };
}

function isPlainOpt(record: Buffer): boolean {
  // Root name, type 41; any payload size; extended RCODE and version 0, of the flags DO at most.
  if (record.length < 11 || record.readUIntBE(0, 3) !== 41) return false;
  if (record.readUInt16BE(5) !== 0 || (record.readUInt16BE(7) & 0x7fff) !== 0) return false;
  const length = record.readUInt16BE(9);
  if (length !== record.length - 11) return false;
  return length === 0 || (length === 12 && record.readUInt32BE(11) === 0x000a_0008);
}

function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Writes DNS messages (RFC 1035 §4.1), also such as nobody should. Ids are left zero. */

export const HEADER = 12;
export const FLAG = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursion: 0x0100,
} as const;
export const TYPE = {
  a: 1,
  cname: 5,
  ptr: 12,
  txt: 16,
  aaaa: 28,
  opt: 41,
  https: 65,
  any: 255,
  uri: 256,
} as const;
export const CLASS = { in: 1, chaos: 3, hesiod: 4, none: 254, any: 255 } as const;

export interface Parts {
  readonly flags?: number;
  /** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT. */
  readonly counts?: readonly [number, number, number, number];
}

/** A header and what follows it, as it is. RD is set and one question announced unless told. */
export function message({ flags = FLAG.recursion, counts = [1, 0, 0, 0] }: Parts, ...body: Buffer[]): Buffer {
  return Buffer.concat([u16(0, flags, ...counts), ...body]);
}

export function question(name: Buffer, type: number = TYPE.a, klass: number = CLASS.in): Buffer {
  return Buffer.concat([name, u16(type, klass)]);
}

export interface Record {
  readonly owner?: Buffer;
  readonly type: number;
  readonly class?: number;
  readonly ttl?: number;
  readonly data?: Buffer;
  /** RDLENGTH, where it is not that of the data. */
  readonly dataLength?: number;
}

export function record(of: Record): Buffer {
  const { owner = ROOT, type, class: klass = CLASS.in, ttl = 0, data = Buffer.alloc(0) } = of;
  const fixed = u16(type, klass, ttl >>> 16, ttl & 0xffff, of.dataLength ?? data.length);
  return Buffer.concat([owner, fixed, data]);
}

/** An OPT record (RFC 6891 §6.1.2): the class holds the payload size, the TTL extended RCODE, version and flags. */
export function opt(options: readonly Buffer[] = [], { ttl = 0, size = 1232 } = {}): Buffer {
  return record({ type: TYPE.opt, class: size, ttl, data: Buffer.concat(options) });
}

export function option(code: number, data: Buffer, length = data.length): Buffer {
  return Buffer.concat([u16(code, length), data]);
}

/** Labels of any bytes, and the root. */
export function name(...labels: readonly (Buffer | string)[]): Buffer {
  const pieces = labels.map((each) => {
    const bytes = typeof each === 'string' ? Buffer.from(each, 'latin1') : each;
    return Buffer.concat([Buffer.of(bytes.length & 0xff), bytes]);
  });
  return Buffer.concat([...pieces, ROOT]);
}

/** A name from its text, without escapes. */
export function named(text: string): Buffer {
  return name(...text.split('.'));
}

/** To `offset` of the message. */
export function pointer(offset: number): Buffer {
  return u16(0xc000 | offset);
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, 2 * index);
  return bytes;
}

export const ROOT = Buffer.of(0);

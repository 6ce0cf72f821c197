import { align } from './attribute-writer.ts';
import { NetlinkError } from './error.ts';

const HEADER = 4;
const TYPE_MASK = 0x3fff;

function malformed(what: string): NetlinkError {
  return new NetlinkError('EBADMSG', `malformed netlink reply: ${what}`);
}

/** Walks attributes in order; a length that is too short or runs past the end throws EBADMSG. */
export function* eachAttribute(bytes: Buffer): Generator<readonly [type: number, value: Buffer]> {
  for (let offset = 0; offset < bytes.length; ) {
    if (bytes.length - offset < HEADER) throw malformed('a truncated attribute header');
    const length = bytes.readUInt16LE(offset);
    if (length < HEADER || offset + length > bytes.length) throw malformed(`an attribute of ${length} bytes`);
    yield [bytes.readUInt16LE(offset + 2) & TYPE_MASK, bytes.subarray(offset + HEADER, offset + length)];
    offset += align(length);
  }
}

/** The attributes of one message or nest by type; of repeated types the last one counts. */
export class Attributes {
  readonly #values = new Map<number, Buffer>();

  /** Throws NetlinkError EBADMSG when the bytes are not a sequence of attributes. */
  constructor(bytes: Buffer) {
    for (const [type, value] of eachAttribute(bytes)) this.#values.set(type, value);
  }

  bytes(type: number): Buffer | undefined {
    return this.#values.get(type);
  }

  u8(type: number): number | undefined {
    return this.#sized(type, 1)?.readUInt8(0);
  }

  u32(type: number): number | undefined {
    return this.#sized(type, 4)?.readUInt32BE(0);
  }

  i32(type: number): number | undefined {
    return this.#sized(type, 4)?.readInt32BE(0);
  }

  hostU32(type: number): number | undefined {
    return this.#sized(type, 4)?.readUInt32LE(0);
  }

  /** A 64-bit counter, handle or time; exact up to 2^53. */
  u64(type: number): number | undefined {
    const value = this.#sized(type, 8);
    return value === undefined ? undefined : Number(value.readBigUInt64BE(0));
  }

  string(type: number): string | undefined {
    const value = this.#values.get(type);
    if (value === undefined) return undefined;
    const end = value.indexOf(0);
    return value.toString('utf8', 0, end < 0 ? value.length : end);
  }

  nested(type: number): Attributes | undefined {
    const value = this.#values.get(type);
    return value === undefined ? undefined : new Attributes(value);
  }

  /** The members of a list attribute, each a nest of its own; empty when the attribute is absent. */
  list(type: number): Attributes[] {
    const value = this.#values.get(type);
    return value === undefined
      ? []
      : Array.from(eachAttribute(value), ([, member]) => new Attributes(member));
  }

  /** The value of an attribute that every such message has. */
  required<T>(value: T | undefined, name: string): T {
    if (value === undefined) throw malformed(`${name} is missing`);
    return value;
  }

  #sized(type: number, length: number): Buffer | undefined {
    const value = this.#values.get(type);
    if (value !== undefined && value.length < length)
      throw malformed(`attribute ${type} of ${value.length} bytes`);
    return value;
  }
}

import { NetlinkError } from './error.ts';

const NLA_F_NESTED = 0x8000;
const HEADER = 4;
const MAXIMUM = 0xffff;

export const align = (length: number): number => (length + 3) & ~3;

/**
 * Writes netlink attributes (struct nlattr of linux/netlink.h) one after another into a buffer that grows.
 * Integers are in network order unless the name says otherwise, as in all of nfnetlink.
 */
export class AttributeWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = 4096) {
    this.#buffer = Buffer.alloc(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written; shares memory with the writer. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Claims `length` zeroed bytes for the caller to fill and returns where they start in `written`. */
  reserve(length: number): number {
    const start = this.#length;
    const end = start + align(length);
    if (end > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(end, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    this.#length = end;
    return start;
  }

  u8(type: number, value: number): void {
    const at = this.#header(type, 1);
    this.#buffer.writeUInt8(value, at);
  }

  u16(type: number, value: number): void {
    const at = this.#header(type, 2);
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
  }

  /** A 32-bit integer, signed or unsigned. */
  u32(type: number, value: number): void {
    const at = this.#header(type, 4);
    this.#buffer[at] = value >>> 24;
    this.#buffer[at + 1] = value >>> 16;
    this.#buffer[at + 2] = value >>> 8;
    this.#buffer[at + 3] = value;
  }

  /** A 32-bit integer in host order (rtnetlink and a few conntrack attributes). */
  hostU32(type: number, value: number): void {
    const at = this.#header(type, 4);
    this.#buffer.writeInt32LE(value | 0, at);
  }

  /** A 64-bit unsigned integer given as a safe integer. */
  u64(type: number, value: number): void {
    const at = this.#header(type, 8);
    this.#buffer.writeBigUInt64BE(BigInt(value), at);
  }

  bytes(type: number, value: Uint8Array): void {
    const at = this.#header(type, value.length);
    this.#buffer.set(value, at);
  }

  /** A NUL-terminated string. */
  string(type: number, value: string): void {
    const at = this.#header(type, Buffer.byteLength(value) + 1);
    this.#buffer.write(value, at);
  }

  /** An attribute that holds what `fill` writes. Throws EMSGSIZE when that is more than 64 KiB. */
  nest(type: number, fill: (writer: AttributeWriter) => void): void {
    const start = this.reserve(HEADER);
    fill(this);
    const length = this.#length - start;
    if (length > MAXIMUM) {
      throw new NetlinkError('EMSGSIZE', `a netlink attribute of ${length} bytes is more than ${MAXIMUM}`);
    }
    this.#head(start, length, type | NLA_F_NESTED);
  }

  #header(type: number, length: number): number {
    if (HEADER + length > MAXIMUM) {
      throw new NetlinkError('EMSGSIZE', `a netlink attribute of ${length} bytes is more than ${MAXIMUM}`);
    }
    const start = this.reserve(HEADER + length);
    this.#head(start, HEADER + length, type);
    return start + HEADER;
  }

  /** Byte by byte: Buffer's own methods take several times as long where V8 does not optimise. */
  #head(at: number, length: number, type: number): void {
    this.#buffer[at] = length;
    this.#buffer[at + 1] = length >>> 8;
    this.#buffer[at + 2] = type;
    this.#buffer[at + 3] = type >>> 8;
  }
}

import { type AttributeWriter, align } from './attribute-writer.ts';
import { NetlinkError } from './error.ts';

export const HEADER_LENGTH = 16;

/** nlmsg_flags of linux/netlink.h; several share a bit, their meaning depends on the kind of request. */
export const flag = {
  request: 0x1,
  ack: 0x4,
  dumpInterrupted: 0x10,
  dump: 0x300,
  create: 0x400,
  append: 0x800,
} as const;

export const control = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the header: the family's own header and its attributes. */
  readonly payload: Buffer;
}

/** Appends a message whose payload `fill` writes. The sequence number is set when it is sent. */
export function writeMessage(
  writer: AttributeWriter,
  type: number,
  flags: number,
  fill: (writer: AttributeWriter) => void,
): void {
  const start = writer.reserve(HEADER_LENGTH);
  fill(writer);
  const buffer = writer.written;
  buffer.writeUInt32LE(buffer.length - start, start);
  buffer.writeUInt16LE(type, start + 4);
  buffer.writeUInt16LE(flags | flag.request, start + 6);
}

/** Splits a datagram into its messages; throws EBADMSG on a length that cannot be. */
export function* eachMessage(datagram: Buffer): Generator<NetlinkMessage> {
  for (let offset = 0; offset < datagram.length; ) {
    const length = datagram.length - offset < HEADER_LENGTH ? 0 : datagram.readUInt32LE(offset);
    if (length < HEADER_LENGTH || offset + length > datagram.length) {
      throw new NetlinkError('EBADMSG', `malformed netlink reply: a message of ${length} bytes`);
    }
    yield {
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      payload: datagram.subarray(offset + HEADER_LENGTH, offset + length),
    };
    offset += align(length);
  }
}

/** Numbers the messages of an encoded datagram from `first` on, in place, and returns how many there are. */
export function numberMessages(datagram: Buffer, first: number): number {
  let count = 0;
  for (let offset = 0; offset < datagram.length; offset += align(datagram.readUInt32LE(offset))) {
    datagram.writeUInt32LE((first + count) >>> 0, offset + 8);
    count++;
  }
  return count;
}

// struct nlmsghdr and nlmsgerr before the echo; sk_buff and skb_shared_info around it.
const REFUSAL_OVERHEAD = 36 + 320;
const SK_BUFF = 256;

/**
 * The kernel memory that the refusals of all messages of a datagram would take at most: each echoes its message
 * (netlink_ack), in a buffer of the next power of two.
 */
export function refusalMemory(datagram: Buffer): number {
  let total = 0;
  for (let offset = 0; offset < datagram.length; ) {
    const length = align(datagram.readUInt32LE(offset));
    total += 2 ** Math.ceil(Math.log2(length + REFUSAL_OVERHEAD)) + SK_BUFF;
    offset += length;
  }
  return total;
}

/** The errno of an NLMSG_ERROR or NLMSG_DONE payload, positive; 0 is success. */
export function reportedErrno(message: NetlinkMessage): number {
  if (message.payload.length < 4) {
    if (message.type === control.done) return 0;
    throw new NetlinkError('EBADMSG', 'malformed netlink reply: an error without a number');
  }
  return Math.max(0, -message.payload.readInt32LE(0));
}

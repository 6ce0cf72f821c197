import { AttributeWriter } from '../netlink/attribute-writer.ts';
import { NetlinkError } from '../netlink/error.ts';
import { flag, writeMessage } from '../netlink/message.ts';
import { writeGenericHeader } from '../netlink/nfnetlink.ts';
import { type Element, listAttribute, writeElement, writeElementsOf } from './element.ts';
import { familyNumber, messageType, nftablesType, writeBatchBegin, writeBatchEnd } from './protocol.ts';
import type { NamedSet } from './set.ts';

/** Elements of one length without an object for each. */
export interface PackedElements {
  readonly count: number;
  /** `count` keys of the set's key length, back to back. */
  readonly keys: Uint8Array;
  /** For maps, whose data must be 4 bytes long: `count` values, which the kernel gets in host order. */
  readonly values?: Uint32Array;
}

export type PackedAction = 'add' | 'delete';

const messages = {
  add: { type: messageType.newElements, flags: flag.create },
  delete: { type: messageType.deleteElements, flags: 0 },
} as const;

const VALUE_LENGTH = 4;
const LONGEST_LIST = 0xffff - 4;
// Attribute headers before the key: of the element, of its key, of the key's value.
const KEY_OFFSET = 12;

/**
 * A transaction of one message with as many elements as a netlink attribute holds, encoded once with empty ones;
 * `put` writes the bytes of keys and values only, again and again.
 */
export class PackedTransaction {
  /** How many elements it takes. */
  readonly capacity: number;
  readonly #set: NamedSet;
  readonly #action: PackedAction;
  readonly #datagram: Buffer;
  readonly #elementLength: number;
  readonly #firstElement: number;
  #count = 0;

  /** For at most `most` elements. Throws EINVAL for a map whose data is not 4 bytes long. */
  constructor(set: NamedSet, action: PackedAction, most = Number.POSITIVE_INFINITY) {
    const element = emptyElement(set, action);
    this.#set = set;
    this.#action = action;
    this.#elementLength = element.length;
    this.capacity = Math.min(most, Math.floor(LONGEST_LIST / element.length));
    const writer = new AttributeWriter(this.capacity * element.length + 1024);
    this.#firstElement = writeAll(writer, set, action, element, this.capacity);
    this.#datagram = writer.written;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.capacity;
  }

  /** Takes the elements from `index` on that there is room for and returns how many. Throws EINVAL. */
  put(elements: PackedElements, index: number): number {
    const taken = Math.min(elements.count - index, this.capacity - this.#count);
    const { length } = this.#set.key;
    const values = this.#action === 'add' && this.#set.data !== undefined ? elements.values : undefined;
    const { keys } = elements;
    let at = this.#firstElement + this.#count * this.#elementLength;
    for (let i = index; i < index + taken; i++) {
      copyBytes(keys, i * length, length, this.#datagram, at + KEY_OFFSET);
      at += this.#elementLength;
      if (values !== undefined) this.#datagram.writeUInt32LE(values[i] ?? 0, at - VALUE_LENGTH);
    }
    this.#count += taken;
    return taken;
  }

  /** The encoded transaction of what was put since the last one. The next `put` changes its bytes. */
  take(): Buffer {
    const count = this.#count;
    this.#count = 0;
    if (count === this.capacity) return this.#datagram;
    const shorter = new PackedTransaction(this.#set, this.#action, count);
    const end = this.#firstElement + count * this.#elementLength;
    this.#datagram.copy(shorter.#datagram, this.#firstElement, this.#firstElement, end);
    return shorter.#datagram;
  }
}

/** Throws EINVAL when the elements do not have the bytes that their count and the set's types say. */
export function checkPacked(
  set: NamedSet,
  action: PackedAction,
  { count, keys, values }: PackedElements,
): void {
  if (keys.length < count * set.key.length) {
    throw new NetlinkError('EINVAL', `${keys.length} bytes are not ${count} keys of ${set.name}`);
  }
  if (action === 'add' && (set.data === undefined ? values !== undefined : (values?.length ?? 0) < count)) {
    throw new NetlinkError('EINVAL', `${values?.length ?? 0} values for ${count} keys of ${set.name}`);
  }
}

/**
 * Copies a few bytes; Buffer's copy makes an object for each. A function of its own, because V8 optimises a loop inside of
 * another before it knows what comes after it, and gives that up again and again.
 */
function copyBytes(from: Uint8Array, start: number, length: number, to: Buffer, at: number): void {
  for (let byte = 0; byte < length; byte++) to[at + byte] = from[start + byte] ?? 0;
}

/** Returns where the first element begins. */
function writeAll(
  writer: AttributeWriter,
  set: NamedSet,
  action: PackedAction,
  element: Buffer,
  count: number,
): number {
  const { type, flags } = messages[action];
  let first = 0;
  writeBatchBegin(writer);
  writeMessage(writer, nftablesType(type), flags | flag.ack, () => {
    writeGenericHeader(writer, familyNumber(set.table.family));
    writeElementsOf(writer, set);
    writer.nest(listAttribute.elements, () => {
      first = writer.length;
      const at = writer.reserve(count * element.length);
      for (let i = 0; i < count; i++) element.copy(writer.written, at + i * element.length);
    });
  });
  writeBatchEnd(writer);
  return first;
}

function emptyElement(set: NamedSet, action: PackedAction): Buffer {
  const key = Buffer.alloc(set.key.length);
  const element: Element =
    action === 'add' && set.data !== undefined ? { key, data: Buffer.alloc(VALUE_LENGTH) } : { key };
  if (set.data === 'verdict' || (set.data !== undefined && set.data.length !== VALUE_LENGTH)) {
    throw new NetlinkError(
      'EINVAL',
      `the data of ${set.name} cannot be packed: it must be ${VALUE_LENGTH} bytes`,
    );
  }
  const writer = new AttributeWriter(256);
  writer.nest(listAttribute.element, () => writeElement(writer, element));
  return writer.written;
}

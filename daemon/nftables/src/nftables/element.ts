import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { Attributes } from '../netlink/attributes.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';
import { type Counters, parseCounter } from './counters.ts';
import { dataAttribute, writeData } from './expressions/data.ts';
import { checkName } from './name.ts';
import type { SetRef } from './set.ts';
import { commentType, decodeComment, encodeComment } from './userdata.ts';
import { parseVerdict, type Verdict, writeVerdict } from './verdict.ts';

export interface Element {
  readonly key: Uint8Array;
  /** For maps. */
  readonly data?: Uint8Array;
  /** For verdict maps. */
  readonly verdict?: Verdict;
  /** Milliseconds until it goes, more than 0; the set needs the flag `timeout`. */
  readonly timeout?: number;
  readonly comment?: string;
}

/** An element as the kernel has it. Buffers share memory with the reply they came in. */
export interface ElementInfo {
  readonly key: Buffer;
  readonly data: Buffer | undefined;
  readonly verdict: Verdict | undefined;
  /** Milliseconds it was given. */
  readonly timeout: number | undefined;
  /** Milliseconds it has left. */
  readonly expiration: number | undefined;
  readonly counters: Counters | undefined;
  readonly comment: string | undefined;
}

export const listAttribute = { table: 1, set: 2, elements: 3, element: 1 } as const;
const attribute = {
  key: 1,
  data: 2,
  timeout: 4,
  expiration: 5,
  userdata: 6,
  expression: 7,
  expressions: 11,
} as const;

// A nest ends before 64 KiB; no element is longer than what is left above this.
const FULL = 60_000;

/**
 * Writes `first` and what follows it until the message is full. Returns the element the next message begins with,
 * undefined when all are written.
 */
export function writeElements(
  writer: AttributeWriter,
  set: SetRef,
  first: Element,
  rest: Iterator<Element>,
): Element | undefined {
  let element: Element | undefined = first;
  writeElementsOf(writer, set);
  writer.nest(listAttribute.elements, () => {
    const start = writer.length;
    while (element !== undefined && writer.length - start < FULL) {
      const current: Element = element;
      writer.nest(listAttribute.element, () => writeElement(writer, current));
      element = nextOf(rest);
    }
  });
  return element;
}

export function nextOf<T>(iterator: Iterator<T>): T | undefined {
  const next = iterator.next();
  return next.done === true ? undefined : next.value;
}

/** Names all elements of a set, as flushes and dumps do. */
export function writeElementsOf(writer: AttributeWriter, set: SetRef): void {
  writer.string(listAttribute.table, checkName(set.table.name));
  writer.string(listAttribute.set, checkName(set.name));
}

export function writeElement(
  writer: AttributeWriter,
  { key, data, verdict, timeout, comment }: Element,
): void {
  writeData(writer, attribute.key, key);
  if (data !== undefined) writeData(writer, attribute.data, data);
  if (verdict !== undefined) {
    writer.nest(attribute.data, () => writeVerdict(writer, dataAttribute.verdict, verdict));
  }
  if (timeout !== undefined) writer.u64(attribute.timeout, timeout);
  if (comment !== undefined) writer.bytes(attribute.userdata, encodeComment(commentType.element, comment));
}

/** The elements of one message of a dump. */
export function parseElements(payload: Buffer): ElementInfo[] {
  return new Attributes(readGenericHeader(payload).attributes).list(listAttribute.elements).map(parseElement);
}

function parseElement(attributes: Attributes): ElementInfo {
  const data = attributes.nested(attribute.data);
  const verdict = data?.nested(dataAttribute.verdict);
  const expressions = attributes.nested(attribute.expression);
  const counter = [
    ...(expressions === undefined ? [] : [expressions]),
    ...attributes.list(attribute.expressions),
  ];
  return {
    // The catch-all element ("*") of other people's sets has none.
    key: attributes.nested(attribute.key)?.bytes(dataAttribute.value) ?? Buffer.alloc(0),
    data: data?.bytes(dataAttribute.value),
    verdict: verdict === undefined ? undefined : parseVerdict(verdict),
    timeout: attributes.u64(attribute.timeout),
    expiration: attributes.u64(attribute.expiration),
    counters: counter.map(parseCounter).find((counts) => counts !== undefined),
    comment: decodeComment(commentType.element, attributes.bytes(attribute.userdata)),
  };
}

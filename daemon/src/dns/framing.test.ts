import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deframer, framed } from './framing.ts';

/** `bytes` in pieces of the given sizes, over and over. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}

describe('Deframer', () => {
  test('gives back the messages, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        (messages, sizes) => {
          const stream = Buffer.concat(messages.map((message) => framed(Buffer.from(message))));
          const deframer = new Deframer();
          const found = pieces(stream, sizes).flatMap((piece) => deframer.push(piece));
          expect(found.map((message) => [...message])).toEqual(messages.map((message) => [...message]));
          expect(deframer.held).toBe(0);
        },
      ),
    );
  });

  test('holds what has begun', () => {
    const deframer = new Deframer();
    expect(deframer.push(Buffer.from('00', 'hex'))).toEqual([]);
    expect(deframer.push(Buffer.from('04aabb', 'hex'))).toEqual([]);
    expect(deframer.held).toBe(4);
    expect(deframer.push(Buffer.from('ccdd00', 'hex'))).toEqual([Buffer.from('aabbccdd', 'hex')]);
    expect(deframer.held).toBe(1);
  });
});

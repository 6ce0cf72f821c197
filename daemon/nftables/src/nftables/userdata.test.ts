import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commentType, decodeComment, encodeByteOrder, encodeComment } from './userdata.ts';

const comment = fc
  .string({ maxLength: 127 })
  .filter((text) => Buffer.byteLength(text) < 128 && !text.includes('\0'));

it('comments come back, also behind other data', () => {
  fc.assert(
    fc.property(comment, fc.constantFrom(...Object.values(commentType)), (text, type) => {
      expect(decodeComment(type, encodeComment(type, text))).toBe(text);
    }),
  );
  const behind = Buffer.concat([encodeByteOrder('key', 'host'), encodeComment(commentType.set, 'who')]);
  expect(decodeComment(commentType.set, behind)).toBe('who');
});

it('comments that nft could not read back are refused', () => {
  for (const text of ['x'.repeat(128), 'ộ'.repeat(50), 'a\0b']) {
    expect(() => encodeComment(0, text)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  }
});

it('userdata of others is no comment, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 256 }), fc.constantFrom(0, 7), (bytes, type) => {
      expect(typeof decodeComment(type, Buffer.from(bytes))).toMatch(/string|undefined/);
    }),
    { numRuns: 1000 },
  );
  expect(decodeComment(0, undefined)).toBeUndefined();
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttributeWriter } from './attribute-writer.ts';
import { Attributes, eachAttribute } from './attributes.ts';
import { NetlinkError } from './error.ts';

const type = fc.integer({ min: 1, max: 0x3fff });

/** Runs it and returns what a parser may throw; anything else fails the test. */
function refusal(parse: () => unknown): NetlinkError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError) return error;
    throw error;
  }
}

describe('attributes', () => {
  it('are laid out as linux/netlink.h says', () => {
    const writer = new AttributeWriter(4);
    writer.u8(1, 0xab);
    writer.u16(2, 0x0102);
    writer.u32(3, -5);
    writer.hostU32(4, 0x01020304);
    writer.u64(5, 2 ** 40);
    writer.string(6, 'inet');
    writer.bytes(7, Buffer.from([1, 2, 3]));
    writer.nest(8, () => writer.u8(1, 1));
    expect(writer.written.toString('hex').match(/.{8}/g)).toEqual([
      '05000100',
      'ab000000',
      '06000200',
      '01020000',
      '08000300',
      'fffffffb',
      '08000400',
      '04030201',
      '0c000500',
      '00000100',
      '00000000',
      '09000600',
      '696e6574',
      '00000000',
      '07000700',
      '01020300',
      '0c000880',
      '05000100',
      '01000000',
    ]);
  });

  it('come back as they were written', () => {
    const numbers = fc.record({
      u8: fc.nat(0xff),
      u32: fc.nat(0xffff_ffff),
      i32: fc.integer(),
      u64: fc.maxSafeNat(),
      text: fc.string().filter((text) => !text.includes('\0')),
      bytes: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(numbers, ({ u8, u32, i32, u64, text, bytes }) => {
        const writer = new AttributeWriter(1);
        writer.nest(9, () => {
          writer.u8(1, u8);
          writer.u32(2, u32);
          writer.u32(3, i32);
          writer.hostU32(4, u32);
          writer.u64(5, u64);
          writer.string(6, text);
          writer.bytes(7, bytes);
          writer.nest(8, () => {
            for (const byte of bytes) writer.nest(1, () => writer.u8(1, byte));
          });
        });
        const nest = new Attributes(writer.written).nested(9);
        expect(nest?.u8(1)).toBe(u8);
        expect(nest?.u32(2)).toBe(u32);
        expect(nest?.i32(3)).toBe(i32);
        expect(nest?.hostU32(4)).toBe(u32);
        expect(nest?.u64(5)).toBe(u64);
        expect(nest?.string(6)).toBe(text);
        expect(nest?.bytes(7)).toEqual(Buffer.from(bytes));
        expect(nest?.list(8).map((member) => member.u8(1))).toEqual([...bytes]);
        expect(nest?.u8(10)).toBeUndefined();
        expect(nest?.list(10)).toEqual([]);
      }),
    );
  });

  it('that are too long for their length field are refused', () => {
    const writer = new AttributeWriter();
    expect(() => writer.bytes(1, Buffer.alloc(0xffff - 3))).toThrow(NetlinkError);
    expect(() => writer.bytes(1, Buffer.alloc(0xffff - 4))).not.toThrow();
    const nest = () =>
      writer.nest(1, () => {
        for (let index = 0; index < 3; index++) writer.bytes(1, Buffer.alloc(0x6000));
      });
    expect(nest).toThrow(expect.objectContaining({ code: 'EMSGSIZE' }));
  });

  it('of any bytes are read to their end or refused with EBADMSG', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const error = refusal(() => {
          for (const [, value] of eachAttribute(Buffer.from(bytes)))
            expect(value.length).toBeLessThan(bytes.length);
        });
        expect(error?.code ?? 'EBADMSG').toBe('EBADMSG');
      }),
      { numRuns: 2000 },
    );
  });

  it('cut short anywhere are refused or lack their last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(type, fc.uint8Array({ minLength: 1, maxLength: 20 })), { minLength: 1 }),
        fc.nat(),
        (list, cut) => {
          const writer = new AttributeWriter();
          for (const [number, value] of list) writer.bytes(number, value);
          const bytes = writer.written.subarray(0, cut % writer.written.length);
          let seen = 0;
          const error = refusal(() => {
            for (const _ of eachAttribute(bytes)) seen++;
          });
          expect(seen).toBeLessThanOrEqual(list.length);
          if (error === undefined && seen === list.length) {
            const padding = writer.written.length - bytes.length;
            expect(padding).toBeLessThan(4);
          }
        },
      ),
    );
  });

  it('of a wrong size or missing are refused when read', () => {
    const writer = new AttributeWriter();
    writer.bytes(1, Buffer.alloc(3));
    const attributes = new Attributes(writer.written);
    for (const read of [
      () => attributes.u32(1),
      () => attributes.i32(1),
      () => attributes.u64(1),
      () => attributes.required(attributes.u32(2), 'a number'),
      () => attributes.nested(1),
    ]) {
      expect(read).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
    }
  });
});

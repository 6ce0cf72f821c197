import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimCodeFrom, isLongClaimCode, longClaimCodeFrom, normaliseClaimCode } from './claim-code.ts';

const codes = fc.uint8Array({ minLength: 7, maxLength: 7 }).map((random) => claimCodeFrom(random));
const long = fc.uint8Array({ minLength: 11, maxLength: 11 }).map((random) => longClaimCodeFrom(random));
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const plain = fc.oneof(codes, long).map((code) => code.replaceAll('-', ''));

describe('a claim code', () => {
  it('is read back however it is typed', () => {
    fc.assert(
      fc.property(codes, (code) => {
        expect(normaliseClaimCode(code)).toBe(code);
        expect(normaliseClaimCode(` ${code.toLowerCase().replace('-', '')} `)).toBe(code);
        expect(normaliseClaimCode(code.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(code);
      }),
    );
  });

  it('is refused when one character is wrong, whichever and wherever', () => {
    fc.assert(
      fc.property(plain, (code) => {
        const wrong = [...code].flatMap((right, at) =>
          [...ALPHABET.replace(right, '')].map((other) => code.slice(0, at) + other + code.slice(at + 1)),
        );
        expect(wrong.filter((typed) => normaliseClaimCode(typed) !== undefined)).toEqual([]);
      }),
    );
  });

  it('is refused when two neighbours are swapped, unless they are the first and the last of the alphabet', () => {
    fc.assert(
      fc.property(plain, (code) => {
        for (let at = 1; at < code.length; at += 1) {
          const [one = '', other = ''] = code.slice(at - 1, at + 1);
          if (one === other || ['0Z', 'Z0'].includes(one + other)) continue;
          const swapped = code.slice(0, at - 1) + other + one + code.slice(at + 1);
          expect(normaliseClaimCode(swapped)).toBeUndefined();
        }
      }),
    );
  });

  it.each(['', 'ABC', '7GQ2-M0X', '7GQ2-M0XK9', 'ỐNG-KHÓI', '!!!!-!!!!'])('is refused: %j', (typed) => {
    expect(normaliseClaimCode(typed)).toBeUndefined();
  });
});

describe('a claim code that lasts', () => {
  it('has three groups, is read back however it is typed, and is told from one that a router shows', () => {
    fc.assert(
      fc.property(long, codes, (code, short) => {
        expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
        expect(normaliseClaimCode(code.toLowerCase().replaceAll('-', ' '))).toBe(code);
        expect(isLongClaimCode(code)).toBe(true);
        expect(isLongClaimCode(short)).toBe(false);
      }),
    );
  });
});

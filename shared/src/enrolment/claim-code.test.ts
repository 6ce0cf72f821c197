import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimCodeFrom, isLongClaimCode, longClaimCodeFrom, normaliseClaimCode } from './claim-code.ts';

const codes = fc.uint8Array({ minLength: 7, maxLength: 7 }).map((random) => claimCodeFrom(random));
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

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

  it('is refused when one character is wrong', () => {
    fc.assert(
      fc.property(codes, fc.constantFrom(0, 1, 2, 3, 5, 6, 7, 8), fc.nat(30), (code, at, other) => {
        const alternatives = ALPHABET.replace(code[at] ?? '', '');
        const wrong = code.slice(0, at) + alternatives[other] + code.slice(at + 1);
        expect(normaliseClaimCode(wrong)).toBeUndefined();
      }),
    );
  });

  it.each(['', 'ABC', '7GQ2-M0X', '7GQ2-M0XK9', 'ỐNG-KHÓI', '!!!!-!!!!'])('is refused: %j', (typed) => {
    expect(normaliseClaimCode(typed)).toBeUndefined();
  });
});

describe('a claim code that lasts', () => {
  const long = fc.uint8Array({ minLength: 11, maxLength: 11 }).map((random) => longClaimCodeFrom(random));

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

  it('is refused when one character is wrong', () => {
    fc.assert(
      fc.property(long, fc.constantFrom(0, 3, 5, 8, 10, 13), fc.nat(30), (code, at, other) => {
        const alternatives = ALPHABET.replace(code[at] ?? '', '');
        expect(
          normaliseClaimCode(code.slice(0, at) + alternatives[other] + code.slice(at + 1)),
        ).toBeUndefined();
      }),
    );
  });
});

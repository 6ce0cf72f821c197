import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimCodeFrom, normaliseClaimCode } from './claim-code.ts';

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

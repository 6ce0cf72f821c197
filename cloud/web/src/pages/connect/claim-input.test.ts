import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimCodeFrom, longClaimCodeFrom } from '../../../../../shared/src/enrolment/claim-code.ts';
import { claimCodeIn, claimInput, isComplete } from './claim-input.ts';

describe('typing a claim code', () => {
  test.each([
    ['7', 1, '7', 1],
    ['7gq2', 4, '7GQ2', 4],
    ['7gq2m', 5, '7GQ2-M', 6],
    ['7gq2-m0xk', 9, '7GQ2-M0XK', 9],
    ['7gq2 m0xk 99', 12, '7GQ2-M0XK-99', 12],
    ['7gq2m0xk4t9r77', 14, '7GQ2-M0XK-4T9R', 14],
    ['7GQ-M0XK', 3, '7GQM-0XK', 3],
    ['', 0, '', 0],
    ['mã!', 3, 'M', 1],
  ])('%j with the caret at %i', (raw, caret, text, after) => {
    expect(claimInput(raw, caret)).toEqual({ text, caret: after });
  });

  test('writing it again changes nothing, wherever the caret is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.nat(20), (raw, caret) => {
        const once = claimInput(raw, caret);
        expect(claimInput(once.text, once.caret)).toEqual(once);
        expect(once.text).toMatch(/^[0-9A-Z]{0,4}(-[0-9A-Z]{1,4}){0,2}$/);
        expect(once.caret).toBeLessThanOrEqual(once.text.length);
      }),
    );
  });

  test('is complete with eight characters, or twelve', () => {
    const typed = ['7GQ2-M0X', '7GQ2-M0XK', '7GQ2-M0XK-4', '7GQ2-M0XK-4T9R'];
    expect(typed.map(isComplete)).toEqual([false, true, false, true]);
  });
});

describe('pasting', () => {
  const code = claimCodeFrom(new Uint8Array([7, 16, 23, 2, 20, 0, 29]));
  const bare = code.replace('-', '').toLowerCase();

  test.each([
    ['the code', code],
    ['without its hyphen, in lower case', bare],
    ['with spaces around', `  ${code}\n`],
    ['in a message', `Mã của router là ${code}, còn dùng được 30 phút`],
    ['after words of four letters', `This code ${bare} is good`],
    ['in an address', `https://khien.example/connect?code=${code}`],
    ['as the end of a path', `http://khien.home.arpa/${bare}`],
  ])('%s', (_case, text) => expect(claimCodeIn(text)).toBe(code));

  test.each([
    ['in an address', (long: string) => `https://khien.example/claim?code=${long}`],
    ['without hyphens', (long: string) => `mã ${long.replaceAll('-', '')}.`],
  ])('a long one %s', (_case, around) => {
    const long = longClaimCodeFrom(new Uint8Array(11).map((_, index) => index * 7));
    expect(claimCodeIn(around(long))).toBe(long);
  });

  test.each([
    ['a text without one', 'Xin chào cả nhà'],
    ['a code with a wrong check digit', `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`],
    ['a longer run of characters', `${bare}${bare}`],
    ['nothing', ''],
  ])('%s is left to the parent', (_case, text) => expect(claimCodeIn(text)).toBeUndefined());

  test('finds every code in whatever surrounds it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 7, maxLength: 7 }),
        fc.constantFrom('', 'Mã: ', 'code=', 'Nhập ', '→'),
        fc.constantFrom('', '.', ' nhé', '\n', '!'),
        (random, before, after) => {
          const some = claimCodeFrom(random);
          expect(claimCodeIn(before + some + after)).toBe(some);
        },
      ),
    );
  });
});

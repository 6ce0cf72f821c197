import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HELP, UNDECIDED } from '../layout.ts';
import { keyOf } from '../lists/name-key.ts';
import { answerOf, hasSecondReading } from './second-reading.ts';

const letters = (length: number) => 'abcdefghijklmnopqrstuvwxyz'.repeat(2).slice(0, length);

describe('a key has a second reading', () => {
  const second = (name: string) => hasSecondReading(keyOf(name), 0, name.length + 2);

  it.each([
    ['a hyphen before 13 bytes of a label', `play-${letters(13)}.com`],
    ['a digit before 16 and as many', `x3${letters(19)}.com.vn`],
    ['a digit before 48 and as many', `x0${letters(48)}.com`],
    ['a hyphen before 45 bytes of a label', `play-${letters(45)}.com`],
    ['a byte of the last label', `www.x-${letters(13)}`],
  ])('by %s', (_, name) => {
    expect(second(name)).toBe(true);
  });

  it.each([
    'a.b',
    'tiktok.com',
    'listed-below.allowed.example',
    `a-bcdefg.${letters(7)}.com`,
    `play-${letters(12)}.com`,
    `play-${letters(14)}.com`,
    `x3${letters(18)}.com.vn`,
    `${letters(40)}.vn`,
    `a.${letters(32)}.vn`,
    `a.${letters(40)}.vn`,
  ])('but not %s', (name) => {
    expect(second(name)).toBe(false);
  });

  it('exactly where another name has a suffix whose key is an end of this one', () => {
    const character = fc.constantFrom('a', '-', '0', '3');
    const label = fc.array(character, { minLength: 0, maxLength: 40 }).map((inner) => `x${inner.join('')}y`);
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 3 }), (labels) => {
        const name = labels.join('.');
        if (name.length + 2 > 64) return;
        expect(second(name)).toBe(readings(keyOf(name)) > labels.length - 1);
      }),
      { numRuns: 2000 },
    );
  });
});

it('then its answer is undecided, for help too', () => {
  const [plain, odd] = ['tiktok.com', `play-${letters(13)}.com`].map(keyOf);
  if (plain === undefined || odd === undefined) return;
  expect(answerOf(plain, 0, plain.length, HELP + 1)).toBe(HELP + 1);
  expect(answerOf(odd, 0, odd.length, HELP + 1)).toBe(UNDECIDED + 1);
});

/** How many sequences of labels behind the first byte a key may end in, counted one by one. */
function readings(key: Buffer): number {
  const from = (at: number): number => {
    if (at === key.length - 1) return 1;
    const length = key[at] ?? 0;
    if (at >= key.length || length >= 32) return 0;
    const label = (size: number) => {
      const bytes = key.subarray(at + 1, at + 1 + size);
      return size > 0 && bytes.every((byte) => byte > 32 || [0x0d, 0x10, 0x13].includes(byte))
        ? from(at + 1 + size)
        : 0;
    };
    return label(length) + label(length + 32);
  };
  let count = 0;
  for (let at = 1; at < key.length - 1; at++) count += from(at);
  return count;
}

import { expect, it } from 'vitest';
import { addressClass, addressUse, isRefused, serviceUse } from './address-class.ts';

it('is the same for the same uses, and can be read', () => {
  const text = addressClass({ uses: ['tiktok', 'facebook'], shared: true });
  expect(text).toBe('facebook,tiktok*');
  expect(addressUse(text)).toEqual({ uses: ['facebook', 'tiktok'], shared: true });
  expect(serviceUse(['garena', 'free-fire', 'garena'])).toBe('free-fire+garena');
});

it.each([
  ['tiktok', ['tiktok'], true],
  ['tiktok', [], false],
  ['tiktok', ['facebook'], false],
  ['facebook,tiktok', ['tiktok'], false],
  ['facebook,tiktok', ['tiktok', 'facebook'], true],
  ['free-fire+garena', ['garena'], true],
  ['free-fire+garena', ['free-fire'], true],
  ['free-fire+garena,garena', ['free-fire'], false],
  ['tiktok*', ['tiktok'], false],
])('%s with %j blocked: %s', (text, blocked, expected) => {
  expect(isRefused(text, new Set(blocked))).toBe(expected);
});

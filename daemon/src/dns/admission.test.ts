import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

test('a device has its share, and all together have theirs', () => {
  const admission = new Admission({ total: 3, perDevice: 2 });
  expect([1, 2, 3].map(() => admission.enter('a'))).toEqual([true, true, false]);
  expect(admission.enter('b')).toBe(true);
  expect(admission.enter('c')).toBe(false);
  admission.leave('a');
  expect(admission.enter('c')).toBe(true);
  admission.leave('c');
  expect(admission.enter('a')).toBe(true);
});

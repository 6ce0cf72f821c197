import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test('a burst passes at once, then the rate holds, then the burst is back', () => {
  const bucket = new TokenBucket({ burst: 10, perSecond: 5 }, 0);
  expect(bucket.take(10, 0)).toBe(0);
  expect(bucket.take(1, 0)).toBe(200);
  expect(bucket.take(1, 200)).toBe(200);
  expect(bucket.take(1, 1000)).toBe(0);
  expect(bucket.take(10, 60_000)).toBe(0);
  expect(bucket.take(1, 60_000)).toBe(200);
});

import { newId } from '@khien/shared/id';
import { expect, test } from 'vitest';
import { Contests } from './contests.ts';

const HOUR = 3_600_000;

test('a router is contested at the sixth take-over of an hour, which is said once an hour', () => {
  const contests = new Contests();
  const [router, other] = [newId(), newId()];
  const at = (minute: number) => contests.takenOver(router, minute * 60_000);
  expect([0, 1, 2, 3, 4].some(at)).toBe(false);
  expect(contests.takenOver(other, HOUR / 2)).toBe(false);
  expect(at(5)).toBe(true);
  expect([6, 7, 8, 9, 10, 11].some(at)).toBe(false);
  expect([70, 71, 72, 73, 74, 75].map(at)).toEqual([false, false, false, false, false, true]);
});

test('a router that changes its address now and then is not contested', () => {
  const contests = new Contests();
  const router = newId();
  for (let i = 0; i < 100; i += 1) expect(contests.takenOver(router, i * (HOUR / 4))).toBe(false);
});

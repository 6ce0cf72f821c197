import { newId } from '@khien/shared/id';
import { expect, test } from 'vitest';
import { isOfNode, newConnectionId } from './connection-id.ts';

test('a later connection is the greater text, also when its clock is behind', () => {
  const [a, b] = [newId(), newId()];
  const first = newConnectionId(a, 1_900_000_000_000);
  const second = newConnectionId(b, 1_800_000_000_000, [first, null, undefined]);
  expect(second > first).toBe(true);
  expect(newConnectionId(a, 10_000_000_000_000) > second).toBe(true);
  expect(newConnectionId(a, 9) < newConnectionId(a, 10)).toBe(true);
  expect([isOfNode(first, a), isOfNode(first, b)]).toEqual([true, false]);
});

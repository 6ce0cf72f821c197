import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HandshakeQueue } from './handshake-queue.ts';
import type { Arrival } from './handshakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const arrivals = (count: number): Arrival[] =>
  Array.from({ length: count }, (_, n) => ({
    socket: new Socket(),
    address: `192.0.2.${n}`,
    letIn: false,
    excused: false,
  }));

function queueOf(most: number) {
  const begun: Arrival[] = [];
  const queue = new HandshakeQueue((arrival) => void begun.push(arrival), most, 2_000);
  return { queue, begun };
}

test('so many are under way at a time, in the order in which they came', () => {
  const { queue, begun } = queueOf(2);
  const all = arrivals(5);
  for (const arrival of all) queue.enter(arrival);
  expect(begun).toEqual(all.slice(0, 2));
  for (const arrival of all) queue.done(arrival);
  expect(begun).toEqual(all);
});

test('whoever has gone meanwhile is passed over, and it is not held against it', () => {
  const { queue, begun } = queueOf(1);
  const [first, second, third] = arrivals(3);
  if (!first || !second || !third) throw new Error('three have arrived');
  for (const arrival of [first, second, third]) queue.enter(arrival);
  queue.done(second);
  expect([first.excused, second.excused]).toEqual([false, true]);
  queue.done(first);
  expect(begun).toEqual([first, third]);
  expect(queue.waiting).toBe(0);
});

test('those whose peers are slow hold up nobody for long', () => {
  const { queue, begun } = queueOf(2);
  const all = arrivals(4);
  for (const arrival of all) queue.enter(arrival);
  vi.advanceTimersByTime(1_999);
  expect(begun).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(begun).toEqual(all);
  vi.advanceTimersByTime(10_000);
  for (const arrival of all) queue.done(arrival);
  expect(vi.getTimerCount()).toBe(0);
});

import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HandshakeQueue } from './handshake-queue.ts';
import type { Arrival } from './handshakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const arrivalFrom = (address: string): Arrival => ({
  socket: new Socket(),
  address,
  letIn: false,
  excused: false,
});
const arrivals = (count: number): Arrival[] =>
  Array.from({ length: count }, (_, n) => arrivalFrom(`192.0.2.${n}`));

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

test('each address has its turn, however many wait of another', () => {
  const { queue, begun } = queueOf(1);
  const [first, ...crowd] = Array.from({ length: 100 }, () => arrivalFrom('192.0.2.1'));
  const lone = arrivalFrom('198.51.100.1');
  const network = [arrivalFrom('2001:db8:1:2::1'), arrivalFrom('2001:db8:1:2::2')];
  if (first === undefined) throw new Error('a hundred have arrived');
  for (const arrival of [first, ...crowd, ...network, lone]) queue.enter(arrival);
  for (let turn = 0; turn < 103; turn += 1) {
    const latest = begun.at(-1);
    if (latest !== undefined) queue.done(latest);
  }
  expect(begun.slice(0, 6)).toEqual([first, crowd[0], network[0], lone, crowd[1], network[1]]);
  expect(begun).toHaveLength(103);
});

test('whoever has gone meanwhile is passed over, also before that is known', () => {
  const { queue, begun } = queueOf(1);
  const [first, second, third, fourth] = arrivals(4);
  if (!first || !second || !third || !fourth) throw new Error('four have arrived');
  for (const arrival of [first, second, third, fourth]) queue.enter(arrival);
  queue.done(second);
  third.socket.destroy();
  queue.done(first);
  expect(begun).toEqual([first, fourth]);
});

test('to have gone is held against all but those who had to wait for long', () => {
  const { queue } = queueOf(1);
  const [first, hasty, patient] = Array.from({ length: 10 }, () => arrivalFrom('192.0.2.1'));
  if (!first || !hasty || !patient) throw new Error('ten have arrived');
  for (const arrival of [first, hasty, patient]) queue.enter(arrival);
  vi.advanceTimersByTime(1_000);
  queue.done(hasty);
  for (const arrival of arrivals(10)) queue.enter(arrival);
  queue.done(first);
  vi.advanceTimersByTime(100);
  queue.done(patient);
  expect([first, hasty, patient].map(({ excused }) => excused)).toEqual([false, false, false]);

  const late = arrivalFrom('192.0.2.9');
  queue.enter(late);
  vi.advanceTimersByTime(5_000);
  queue.done(late);
  expect(late.excused).toBe(true);
});

test('those whose peers are slow hold up nobody for long', () => {
  const { queue, begun } = queueOf(2);
  const all = arrivals(4);
  for (const arrival of all) queue.enter(arrival);
  vi.advanceTimersByTime(1_999);
  expect(begun).toHaveLength(2);
  vi.advanceTimersByTime(2);
  expect(begun).toEqual(all);
  vi.advanceTimersByTime(10_000);
  for (const arrival of all) queue.done(arrival);
  expect(vi.getTimerCount()).toBe(0);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NetlinkError } from './error.ts';
import { Subscription } from './subscription.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function subscribed(look: () => Promise<number[]>) {
  const told: (number | string)[] = [];
  const subscription = new Subscription<number>(
    look,
    { event: (event) => told.push(event), lost: (error) => told.push(error.code) },
    100,
  );
  return { told, subscription };
}

it('looks at once and then at its interval, and tells in order', async () => {
  let look = 0;
  const { told, subscription } = subscribed(() => Promise.resolve([++look, look * 10]));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([1, 10]);
  await vi.advanceTimersByTimeAsync(250);
  expect(told).toEqual([1, 10, 2, 20, 3, 30]);
  subscription.close();
});

it('tells of a failed look and goes on', async () => {
  const looks = [
    () => Promise.reject(new NetlinkError('ENOBUFS', 'lost')),
    () => Promise.reject(new Error('odd')),
    () => Promise.resolve([7]),
  ];
  const { told, subscription } = subscribed(() => looks.shift()?.() ?? Promise.resolve([]));
  await vi.advanceTimersByTimeAsync(500);
  expect(told).toEqual(['ENOBUFS', 'EIO', 7]);
  subscription.close();
});

it('does not look again before a look is over', async () => {
  const look = vi.fn(() => new Promise<number[]>((resolve) => setTimeout(() => resolve([]), 1000)));
  const { subscription } = subscribed(look);
  await vi.advanceTimersByTimeAsync(1050);
  expect(look).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(60);
  expect(look).toHaveBeenCalledTimes(2);
  subscription.close();
});

it('says nothing after close, not even what a pending look finds', async () => {
  const { told, subscription } = subscribed(
    () => new Promise((resolve) => setTimeout(() => resolve([1]), 50)),
  );
  await vi.advanceTimersByTimeAsync(20);
  subscription.close();
  await vi.advanceTimersByTimeAsync(1000);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

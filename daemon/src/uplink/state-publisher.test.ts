import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { BackOff } from './back-off.ts';
import { StatePublisher } from './state-publisher.ts';

describe('the state', () => {
  it('is told once for changes that come together, and every minute without any', async () => {
    const clock = new ManualClock();
    let told = 0;
    let change: (() => void) | undefined;
    const publisher = new StatePublisher({
      clock,
      publish: () => {
        told += 1;
      },
      changes: [
        (listener) => {
          change = listener;
          return () => {
            change = undefined;
          };
        },
      ],
    });
    await publisher.start();
    for (let n = 0; n < 10; n += 1) change?.();
    clock.advance(499);
    expect(told).toBe(0);
    clock.advance(1);
    expect(told).toBe(1);
    clock.advance(120_000);
    expect(told).toBe(3);
    await publisher.stop();
    expect(change).toBeUndefined();
    clock.advance(120_000);
    expect(told).toBe(3);
  });
});

describe('the delays between tries', () => {
  it('grow, stay bounded, differ by chance, and start over after success', () => {
    const longest = new BackOff(1000, 60_000, () => 1);
    expect([1, 2, 3, 4].map(() => longest.next())).toEqual([1000, 2000, 4000, 8000]);
    for (let n = 0; n < 100; n += 1) expect(longest.next()).toBeLessThanOrEqual(60_000);
    longest.reset();
    expect(longest.next()).toBe(1000);
    expect(new BackOff(1000, 60_000, () => 0).next()).toBe(500);
  });
});

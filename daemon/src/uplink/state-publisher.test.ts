import { STATE_REPEAT, type State } from '@khien/shared/topic';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { BackOff } from './back-off.ts';
import { StatePublisher } from './state-publisher.ts';

const MINUTE = 60_000;

/** A publisher of a home in which `change` says that something has changed. */
async function publisherOf(published: () => boolean = () => true) {
  const clock = new ManualClock();
  const home = { minutes: 0, told: 0, change: undefined as (() => void) | undefined };
  const state = (): State => ({
    at: clock.now(),
    timeSource: 'ntp',
    daemon: '0.1.0',
    inForce: { policy: 1, contacts: 1, lists: 1 },
    enforcement: 'enforcing',
    devices: [
      {
        mac: '02:00:00:00:00:01',
        hostname: null,
        addresses: ['192.168.1.2'],
        present: true,
        lastSeenAt: clock.now(),
        fingerprint: null,
      },
    ],
    usage: [{ profile: 'mai', day: '2026-11-21', of: { kind: 'network' }, minutes: home.minutes }],
    lists: null,
  });
  const publisher = new StatePublisher({
    clock,
    state,
    publish: () => {
      home.told += 1;
      if (published()) publisher.told(state());
    },
    changes: [
      (listener) => {
        home.change = listener;
        return () => {
          home.change = undefined;
        };
      },
    ],
  });
  await publisher.start();
  return { clock, home, publisher, state };
}

describe('the state', () => {
  it('is told once for changes that come together', async () => {
    const { clock, home, publisher } = await publisherOf();
    for (let n = 0; n < 10; n += 1) home.change?.();
    clock.advance(499);
    expect(home.told).toBe(0);
    clock.advance(1);
    expect(home.told).toBe(1);
    await publisher.stop();
    expect(home.change).toBeUndefined();
    clock.advance(2 * STATE_REPEAT);
    expect(home.told).toBe(1);
  });

  it('is told within a minute where what changes says nothing of it', async () => {
    const { clock, home } = await publisherOf();
    clock.advance(MINUTE);
    expect(home.told).toBe(1);
    home.minutes = 1;
    clock.advance(MINUTE);
    expect(home.told).toBe(2);
  });

  it('is told now and then though nothing of it changes but the time', async () => {
    const { clock, home } = await publisherOf();
    clock.advance(MINUTE + STATE_REPEAT - 1);
    expect(home.told).toBe(1);
    clock.advance(MINUTE + 1);
    expect(home.told).toBe(2);
    clock.advance(24 * 60 * MINUTE);
    expect(home.told).toBeGreaterThan(120);
    expect(home.told).toBeLessThan(150);
  });

  it('is told again after another was told by somebody else', async () => {
    const { clock, home, publisher, state } = await publisherOf();
    clock.advance(MINUTE);
    home.minutes = 1;
    publisher.told(state());
    clock.advance(MINUTE);
    expect(home.told).toBe(1);
    home.minutes = 0;
    clock.advance(MINUTE);
    expect(home.told).toBe(2);
  });

  it('is told again where it did not go out', async () => {
    const { clock, home } = await publisherOf(() => false);
    clock.advance(3 * MINUTE);
    expect(home.told).toBe(3);
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

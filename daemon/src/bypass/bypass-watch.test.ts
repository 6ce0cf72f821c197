import { eventSchema } from '@khien/shared/event';
import { newId } from '@khien/shared/id';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { AN, policy } from '../dns/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import type { Attempt } from './attempt.ts';
import type { AttemptBurst } from './attempt-bursts.ts';
import { BypassWatch } from './bypass-watch.ts';

function watch(force = new InForce(policy())) {
  const clock = new ManualClock();
  const events: ({ kind: 'bypass' } & AttemptBurst)[] = [];
  const errors: string[] = [];
  const pending: Attempt[] = [];
  let broken = false;
  let taken = 0;
  const of = new BypassWatch({
    clock,
    log: { info: () => undefined, warn: () => undefined, error: (message) => errors.push(message) },
    inForce: () => force,
    sources: [
      () => {
        taken += 1;
        return broken ? Promise.reject(new Error('EPERM')) : Promise.resolve(pending.splice(0));
      },
    ],
    emit: (event) => events.push(event),
  });
  /** Lets some seconds pass, with what they bring. */
  const pass = async (seconds: number) => {
    for (let at = 0; at < seconds; at += 5) {
      clock.advance(5000);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return {
    of,
    clock,
    events,
    errors,
    pending,
    pass,
    break: (is: boolean) => {
      broken = is;
    },
    taken: () => taken,
  };
}

describe('BypassWatch', () => {
  test('tells who tried what, by an event of the contract, and not where to', async () => {
    const { of, events, pending, pass, clock } = watch();
    await of.start();
    pending.push({ mac: AN.mac, method: 'vpn', ago: 0 });
    await pass(5);
    expect(events).toMatchObject([
      { kind: 'bypass', profile: AN.profile, device: AN.device, method: 'vpn', service: null, count: 1 },
    ]);
    const stamped = { ...events[0], id: newId(), at: clock.now(), timeSource: 'ntp' };
    expect(eventSchema.safeParse(stamped).success).toBe(true);
    await of.stop();
  });

  test('tells of what was tried while nobody asked, with its time', async () => {
    const { of, events, pending, pass, clock } = watch();
    pending.push({ mac: AN.mac, method: 'tor', ago: 3600_000 });
    await of.start();
    await pass(5);
    expect(events).toMatchObject([{ firstAt: clock.now() - 3600_000, lastAt: clock.now() - 3600_000 }]);
  });

  test('takes nothing before it knows whose devices are managed', async () => {
    const { of, pass, taken } = watch(new InForce());
    await of.start();
    await pass(20);
    expect(taken()).toBe(0);
  });

  test('says nothing of devices that nobody manages', async () => {
    const { of, events, pending, pass } = watch();
    await of.start();
    pending.push({ mac: '3c:22:fb:10:20:30', method: 'vpn', ago: 0 });
    of.oddQuery('3c:22:fb:10:20:30');
    await pass(5);
    expect(events).toEqual([]);
  });

  test('goes on when a source fails, and says so once', async () => {
    const test = watch();
    await test.of.start();
    test.break(true);
    await test.pass(30);
    expect(test.errors).toHaveLength(1);
    test.break(false);
    test.pending.push({ mac: AN.mac, method: 'doh', ago: 0 });
    await test.pass(5);
    expect(test.events).toMatchObject([{ method: 'doh' }]);
  });

  test('a device that never stops makes few events', async () => {
    const { of, events, pending, pass } = watch();
    await of.start();
    for (let look = 0; look < 12 * 60; look++) {
      for (const method of ['vpn', 'dot', 'foreign-dns'] as const)
        pending.push({ mac: AN.mac, method, ago: 0 });
      for (let query = 0; query < 50; query++) of.oddQuery(AN.mac);
      await pass(5);
    }
    await of.stop();
    expect(events.length).toBeLessThan(45);
    expect(new Set(events.map(({ burst }) => burst)).size).toBe(4);
  });

  test('tells of the rest when it stops, and may be stopped twice', async () => {
    const { of, events, pass } = watch();
    await of.start();
    of.oddQuery(AN.mac);
    await pass(5);
    of.oddQuery(AN.mac);
    await of.stop();
    await of.stop();
    expect(events.map(({ count }) => count)).toEqual([1, 2]);
  });
});

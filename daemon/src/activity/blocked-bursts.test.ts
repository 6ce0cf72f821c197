import { defaultContacts } from '@khien/shared/contact';
import { type EventOf, eventSchema } from '@khien/shared/event';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { AN, policy } from '../dns/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import { BlockedBursts } from './blocked-bursts.ts';

function watch() {
  const clock = new ManualClock();
  const events: EventOf<'blocked'>[] = [];
  const force = new InForce(policy(), [
    ...defaultContacts,
    {
      id: 'unhcr',
      name: { vi: 'UNHCR', en: 'UNHCR' },
      kind: 'counselling',
      phone: null,
      hours: { vi: '', en: '' },
      region: null,
      website: 'https://help.unhcr.org/vietnam',
      names: [],
    },
  ]);
  const bursts = new BlockedBursts({ clock, inForce: () => force, emit: (event) => events.push(event) });
  const hit = (name: string) =>
    bursts.hit({
      profile: AN.profile,
      device: AN.device,
      target: { kind: 'category', id: 'adult', name: 'listed.example' },
      name,
    });
  return { clock, events, bursts, hit };
}

describe('BlockedBursts', () => {
  test('emits events of the contract, each with an id of its own', async () => {
    const { clock, events, bursts, hit } = watch();
    await bursts.start();
    hit('a.listed.example');
    clock.advance(5000);
    hit('b.listed.example');
    clock.advance(25_000);
    expect(events).toHaveLength(2);
    for (const event of events) expect(eventSchema.safeParse(event).success).toBe(true);
    expect(events[1]).toMatchObject({ burst: events[0]?.burst, count: 2, timeSource: 'ntp' });
    expect(events[1]?.id).not.toBe(events[0]?.id);
    expect(JSON.stringify(events)).not.toContain('a.listed.example');
  });

  test('tells of the end by itself', async () => {
    const { clock, events, bursts, hit } = watch();
    await bursts.start();
    hit('a.listed.example');
    clock.advance(31_000);
    hit('b.listed.example');
    expect(events).toHaveLength(1);
    clock.advance(60_000);
    expect(events).toHaveLength(2);
    clock.advance(600_000);
    expect(events).toHaveLength(2);
    hit('a.listed.example');
    expect(events).toHaveLength(3);
    expect(events[2]?.burst).not.toBe(events[0]?.burst);
  });

  test('tells of what had grown when it stops', async () => {
    const { events, bursts, hit } = watch();
    await bursts.start();
    hit('a.listed.example');
    hit('b.listed.example');
    await bursts.stop();
    expect(events.map(({ count }) => count)).toEqual([1, 2]);
    await bursts.stop();
    expect(events).toHaveLength(2);
  });

  test.each(['tongdai111.vn', 'www.tongdai111.vn', 'help.unhcr.org', 'www.help.unhcr.org'])(
    'never tells of %s, which belongs to a contact',
    (name) => {
      const { events, hit } = watch();
      hit(name);
      expect(events).toEqual([]);
      hit('unhcr.org');
      expect(events).toHaveLength(1);
    },
  );
});

import { newId } from '@khien/shared/id';
import type { Usage } from '@khien/shared/policy';
import type { State } from '@khien/shared/topic';
import { expect, test } from 'vitest';
import { newestOf } from './newest-state.ts';

const profile = newId();
const minutes = (day: string, count: number): Usage => ({
  profile,
  day,
  of: { kind: 'network' },
  minutes: count,
});
const state = (usage: Usage[], more: Partial<State> = {}): State => ({
  at: 1,
  timeSource: 'ntp',
  daemon: '0.1.0',
  inForce: { policy: 1, contacts: 1, lists: 1 },
  enforcement: 'enforcing',
  devices: [],
  usage,
  lists: null,
  ...more,
});

test('the later state stands, and of a child’s day only what it says', () => {
  const later = state([minutes('2026-03-02', 7)], { at: 2, enforcement: 'TABLE_MISSING' });
  expect(newestOf(state([minutes('2026-03-02', 6)]), later)).toEqual(later);
});

test('minutes of a day that has ended since are kept', () => {
  const merged = newestOf(state([minutes('2026-03-01', 90)]), state([minutes('2026-03-02', 1)], { at: 2 }));
  expect(merged).toEqual(state([minutes('2026-03-02', 1), minutes('2026-03-01', 90)], { at: 2 }));
});

test('days that a clock did not know are not taken for known ones', () => {
  const unsynced = state([minutes('1970-01-01', 90)], { timeSource: 'unsynced' });
  const later = state([minutes('2026-03-02', 1)]);
  expect(newestOf(unsynced, later)).toEqual(later);
});

test('a router that makes up days fills no more than one state holds', () => {
  const day = (n: number) => new Date(n * 86_400_000).toISOString().slice(0, 10);
  const states = Array.from({ length: 5 }, (_, n) =>
    state(Array.from({ length: 2048 }, (_unused, m) => minutes(day(n * 2048 + m), 1))),
  );
  expect(states.reduce(newestOf).usage).toHaveLength(2048);
});

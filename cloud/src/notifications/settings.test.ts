import { MINUTE } from '@khien/shared/policy';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zoneOffsets } from '../documents/zone-offsets.ts';
import { quietUntil } from './settings.ts';

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const at = (iso: string) => Date.parse(iso);
const until = (zone: string, quiet: Parameters<typeof quietUntil>[0], iso: string) => {
  const end = quietUntil(quiet, zoneOffsets(zone, at(iso)), at(iso));
  return end === null ? null : new Date(end).toISOString();
};

describe('quiet hours', () => {
  const night = [{ days: everyDay, start: '22:00', end: '06:30' }];

  test.each([
    ['2026-06-01T21:59:59+07:00', null],
    ['2026-06-01T22:00:00+07:00', '2026-06-01T23:30:00.000Z'],
    ['2026-06-02T03:00:00+07:00', '2026-06-01T23:30:00.000Z'],
    ['2026-06-02T06:29:59+07:00', '2026-06-01T23:30:00.000Z'],
    ['2026-06-02T06:30:00+07:00', null],
  ])('last past midnight: at %s until %s', (now, end) => {
    expect(until('Asia/Ho_Chi_Minh', night, now)).toBe(end);
  });

  test('of a weekday start on it, and last into the next', () => {
    const friday = [{ days: [5], start: '20:00', end: '09:00' }];
    // 5 June 2026 is a Friday.
    expect(until('Asia/Ho_Chi_Minh', friday, '2026-06-05T19:00:00+07:00')).toBeNull();
    expect(until('Asia/Ho_Chi_Minh', friday, '2026-06-06T08:00:00+07:00')).toBe('2026-06-06T02:00:00.000Z');
    expect(until('Asia/Ho_Chi_Minh', friday, '2026-06-06T21:00:00+07:00')).toBeNull();
  });

  test('that meet are one', () => {
    const two = [...night, { days: [2], start: '06:30', end: '08:00' }];
    expect(until('Asia/Ho_Chi_Minh', two, '2026-06-01T23:00:00+07:00')).toBe('2026-06-02T01:00:00.000Z');
  });

  test('end by the clock on the wall when it is changed', () => {
    // The night to 29 March 2026 is an hour shorter in Berlin, that to 25 October an hour longer.
    expect(until('Europe/Berlin', night, '2026-03-28T22:00:00+01:00')).toBe('2026-03-29T04:30:00.000Z');
    expect(until('Europe/Berlin', night, '2026-10-24T22:00:00+02:00')).toBe('2026-10-25T05:30:00.000Z');
    // From a time that does not exist: from the one after it.
    const skipped = [{ days: everyDay, start: '02:30', end: '05:00' }];
    expect(until('Europe/Berlin', skipped, '2026-03-29T03:29:00+02:00')).toBeNull();
    expect(until('Europe/Berlin', skipped, '2026-03-29T03:30:00+02:00')).toBe('2026-03-29T03:00:00.000Z');
  });

  test('always end, and nobody is in them when they do', () => {
    const times = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
    const hours = fc
      .record({
        days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        start: times,
        end: times,
      })
      .filter(({ start, end }) => start !== end);
    fc.assert(
      fc.property(
        hours,
        fc.constantFrom('Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Ho_Chi_Minh'),
        fc.integer({ min: at('2026-01-01T00:00:00Z') / MINUTE, max: at('2026-12-31T00:00:00Z') / MINUTE }),
        (quiet, zone, minute) => {
          const now = minute * MINUTE;
          const offsets = zoneOffsets(zone, now);
          const end = quietUntil([quiet], offsets, now);
          if (end === null) return;
          expect(end).toBeGreaterThan(now);
          expect(end - now).toBeLessThanOrEqual(25 * 60 * MINUTE);
          expect(quietUntil([quiet], offsets, end)).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });
});

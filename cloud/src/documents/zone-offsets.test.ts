import { instantOfLocal, offsetAt, zoneOffsetSchema } from '@khien/shared/policy';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { zoneOffsets } from './zone-offsets.ts';

const NOW = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;
const zones = [
  'Asia/Ho_Chi_Minh',
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Pacific/Chatham',
];

test('the offsets are those of the time-zone database, from 30 days back to three years ahead', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: -30 * DAY, max: 3 * 365 * DAY }),
      (zone, since) => {
        const at = NOW + since;
        const expected =
          Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds;
        expect(offsetAt(zoneOffsets(zone, NOW), at) * 60e9).toBe(expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('a router that has only the offsets reads a wall clock as the database does', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 1000 * 24 }), (zone, hours) => {
      const local = new Date(NOW + hours * 3_600_000).toISOString().slice(0, 16);
      const expected = Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
      expect(instantOfLocal(zoneOffsets(zone, NOW), Date.parse(`${local}Z`))).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test('from one day to the next they are the same, unless the clock changes at an end', () => {
  const offsets = (zone: string, day: number) => JSON.stringify(zoneOffsets(zone, NOW + day * DAY));
  expect(offsets('Asia/Ho_Chi_Minh', 0)).toBe(offsets('Asia/Ho_Chi_Minh', 2000));
  const days = Array.from({ length: 366 }, (_, day) => offsets('Europe/Berlin', day));
  expect(new Set(days).size).toBeLessThanOrEqual(5);
});

test('they fit the document, also in zones that change often or never', () => {
  // Every eighth: looking at all of them takes seconds.
  for (const zone of Intl.supportedValuesOf('timeZone').filter((_, i) => i % 8 === 0)) {
    const offsets = zoneOffsets(zone, NOW);
    expect(offsets.length).toBeGreaterThan(0);
    expect(offsets.length).toBeLessThanOrEqual(64);
    for (const offset of offsets) zoneOffsetSchema.parse(offset);
    expect(offsets.every((offset, i) => i === 0 || offset.from > (offsets[i - 1]?.from ?? 0))).toBe(true);
  }
});

test('what is no zone is refused', () => {
  expect(() => zoneOffsets('Mars/Olympus', NOW)).toThrow(expect.objectContaining({ code: 'ZONE_UNKNOWN' }));
});

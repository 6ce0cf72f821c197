import { expect, test } from 'vitest';
import type { UsageReport } from '../../api/contract.ts';
import { averageOf, isEmpty, minutesByDay, scaleOf, targetsOf } from './usage-days.ts';

const network = { kind: 'network' } as const;
const tiktok = { kind: 'service', id: 'tiktok' } as const;
const report: UsageReport = {
  days: [
    { day: '2026-05-20', minutes: [{ of: network, minutes: 10 }], blocked: 0, bypass: 0 },
    {
      day: '2026-05-19',
      minutes: [
        { of: network, minutes: 100 },
        { of: tiktok, minutes: 25 },
      ],
      blocked: 3,
      bypass: 1,
    },
    { day: '2026-05-18', minutes: [], blocked: 0, bypass: 0 },
  ],
};

test('every target of any day is there, the network first; days without it count as none', () => {
  expect(targetsOf(report)).toEqual([network, tiktok]);
  expect(targetsOf({ days: [] })).toEqual([network]);
  expect(minutesByDay(report, tiktok)).toEqual([
    { day: '2026-05-18', minutes: 0 },
    { day: '2026-05-19', minutes: 25 },
    { day: '2026-05-20', minutes: 0 },
  ]);
});

test('the average is of the days that are over', () => {
  expect(averageOf(minutesByDay(report, network))).toBe(50);
  expect(averageOf([{ day: '2026-05-20', minutes: 10 }])).toBe(10);
  expect(averageOf([])).toBe(0);
});

test.each([
  [0, 30],
  [30, 30],
  [31, 60],
  [61, 120],
  [240, 240],
  [241, 360],
  [1440, 1440],
])('a chart of %i minutes at most goes to %i', (minutes, top) => {
  expect(scaleOf([{ day: 'x', minutes }])).toBe(top);
});

test('a report is empty where nothing was used or blocked', () => {
  expect(isEmpty(report)).toBe(false);
  expect(isEmpty({ days: report.days.slice(2) })).toBe(true);
  expect(isEmpty({ days: [{ day: 'x', minutes: [], blocked: 0, bypass: 2 }] })).toBe(false);
});

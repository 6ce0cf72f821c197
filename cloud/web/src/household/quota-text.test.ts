import { expect, test } from 'vitest';
import { NO_LIMIT, type QuotaStandingView } from '../api/contract.ts';
import { en } from '../language/en.ts';
import { formatIn } from '../language/format.ts';
import { vi } from '../language/vi.ts';
import { standingOf, standingsInShort, targetName, weekTexts } from './quota-text.ts';
import { commonMinutes, minuteChoices, schoolDays, weekendDays, withMinutes } from './quota-week.ts';

const format = formatIn('vi', 'Asia/Ho_Chi_Minh');
const english = formatIn('en', 'Asia/Ho_Chi_Minh');
const standing = (of: QuotaStandingView['of'], limit: number | null, used: number): QuotaStandingView => ({
  id: 'q',
  of,
  day: '2026-05-20',
  resetsAt: 0,
  limit,
  used,
  left: limit === null ? null : Math.max(0, limit - used),
  asOf: null,
});
const tiktok = { kind: 'service', id: 'tiktok' } as const;
const network = { kind: 'network' } as const;

test('a target is called as people call it, and by its id where this version does not know it', () => {
  expect(targetName(vi, 'vi', network)).toBe('Cả mạng');
  expect(targetName(en, 'en', { kind: 'category', id: 'games' })).toBe('Games');
  expect(targetName(vi, 'vi', { kind: 'service', id: 'not-known-yet' })).toBe('not-known-yet');
});

test.each([
  [[60, 60, 60, 60, 60, 60, 60], ['Mỗi ngày: 1 giờ']],
  [
    [60, 60, 60, 60, 60, 90, 90],
    ['T2–T6: 1 giờ', 'T7, CN: 1 giờ 30 phút'],
  ],
  [
    [0, 60, 0, 60, 0, NO_LIMIT, NO_LIMIT],
    ['T2, T4, T6: không được dùng', 'T3, T5: 1 giờ', 'T7, CN: không giới hạn'],
  ],
])('a week of %j', (minutes, lines) => {
  expect(weekTexts(vi, format, minutes)).toEqual(lines);
});

test('what is left of today is told with its whole, what is used up and what has no limit too', () => {
  const of = (limit: number | null, used: number) => standingOf(vi, format, standing(tiktok, limit, used));
  expect(of(30, 18)).toEqual({ text: 'còn 12 phút trong 30 phút', used: 0.6, spent: false });
  expect(of(30, 31)).toEqual({ text: 'đã dùng hết 30 phút', used: 1, spent: true });
  expect(of(0, 0).text).toBe('hôm nay không được dùng');
  expect(of(null, 50)).toEqual({ text: 'hôm nay không giới hạn', used: undefined, spent: false });
});

test('in short, the least that is left comes first', () => {
  const all = [
    standing(network, 120, 30),
    standing(tiktok, 30, 30),
    standing({ kind: 'category', id: 'games' }, null, 9),
  ];
  expect(standingsInShort(vi, format, 'vi', all)).toBe('Hôm nay: TikTok hết giờ, Cả mạng còn 1 giờ 30 phút');
  expect(standingsInShort(en, english, 'en', all.slice(0, 1))).toBe(
    'Today: The whole network 1 hour 30 minutes left',
  );
  expect(standingsInShort(vi, format, 'vi', all.slice(2))).toBeUndefined();
  const many = ['youtube', 'zalo', 'facebook', 'roblox'].map((id) =>
    standing({ kind: 'service', id }, 10, 0),
  );
  expect(standingsInShort(vi, format, 'vi', many)).toMatch(/và 2 mục khác$/);
});

test('school days and the weekend are set at a time, and told where they are alike', () => {
  const week = withMinutes(withMinutes([0, 0, 0, 0, 0, 0, 0], schoolDays, 60), weekendDays, 120);
  expect(week).toEqual([60, 60, 60, 60, 60, 120, 120]);
  expect([commonMinutes(week, schoolDays), commonMinutes(week, weekendDays)]).toEqual([60, 120]);
  expect(commonMinutes(withMinutes(week, [3], 30), schoolDays)).toBeUndefined();
});

test('what is set now can always be chosen', () => {
  expect(minuteChoices(37)).toContain(37);
  expect(minuteChoices(60).filter((amount) => amount === 60)).toHaveLength(1);
  expect(minuteChoices(undefined).at(-1)).toBe(NO_LIMIT);
});

import { expect, test } from 'vitest';
import type { Weekly } from '../../api/contract.ts';
import { en } from '../../language/en.ts';
import { formatIn } from '../../language/format.ts';
import { vi } from '../../language/vi.ts';
import { linesOf, onlineText } from './weekly-text.ts';

const reader = { texts: en, format: formatIn('en', 'Asia/Ho_Chi_Minh'), language: 'en' } as const;
const calm: Weekly['children'][number] = {
  profile: 'p',
  days: [],
  minutes: null,
  minutesBefore: null,
  blocked: { service: 0, category: 0, name: 0, quota: 0, learning: 0 },
  blockedBefore: 0,
  bypass: { tries: 0, methods: [] },
  bypassBefore: 0,
  quotas: [],
  bonuses: { count: 0, minutes: 0 },
  requests: { granted: 0, refused: 0, open: 0 },
};

test('of what did not happen nothing is said', () => {
  expect(linesOf(calm, reader)).toEqual([]);
  expect(onlineText(calm, reader)).toBeUndefined();
});

test('minutes are compared with the week before', () => {
  const change = (minutes: number, minutesBefore: number | null) =>
    onlineText({ ...calm, minutes, minutesBefore }, reader)?.change;
  expect(change(90, 30)).toBe('1 hour more than the week before');
  expect(change(30, 95)).toBe('1 hour 5 minutes less than the week before');
  expect(change(30, 30)).toBe('as in the week before');
  expect(change(30, null)).toBe('no week before to compare with');
  expect(change(0, 30)).toBe('30 minutes less than the week before');
});

test('what happened is said in plain words', () => {
  const week: typeof calm = {
    ...calm,
    blocked: { service: 1, category: 1234, name: 0, quota: 0, learning: 0 },
    blockedBefore: 1000,
    bypass: { tries: 3, methods: ['vpn', 'tor'] },
    quotas: [
      { of: { kind: 'network' }, days: 1 },
      { of: { kind: 'service', id: 'tiktok' }, days: 3 },
    ],
    bonuses: { count: 1, minutes: 20 },
    requests: { granted: 2, refused: 0, open: 1 },
  };
  const lines = linesOf(week, reader);
  expect(lines.map(({ name, value, change }) => [name, value, change])).toEqual([
    ['Blocked tries', '1,235', '235 more than the week before'],
    ['· Apps and services', '1', undefined],
    ['· Kinds of content', '1,234', undefined],
    ['Ways round the rules', '3 (VPN and Tor)', undefined],
    ['Limits reached', expect.stringMatching(/: 1 day and TikTok: 3 days$/), undefined],
    ['Bonus time', '1 time, 20 minutes', undefined],
    ['Asked for time', '2 granted and 1 not answered', undefined],
  ]);
  const vietnamese = linesOf(week, { texts: vi, format: formatIn('vi', 'Asia/Ho_Chi_Minh'), language: 'vi' });
  expect(vietnamese.map(({ name, value, change }) => [name, value, change])).toEqual([
    ['Lượt bị chặn', '1.235', 'nhiều hơn tuần trước 235'],
    ['· Ứng dụng, dịch vụ', '1', undefined],
    ['· Loại nội dung', '1.234', undefined],
    ['Lần thử vượt luật', '3 lần (VPN và Tor)', undefined],
    ['Hết giờ', 'Cả mạng: 1 ngày và TikTok: 3 ngày', undefined],
    ['Giờ thưởng', '1 lần, 20 phút', undefined],
    ['Xin thêm giờ', '2 được đồng ý và 1 chưa trả lời', undefined],
  ]);
});

test('fewer blocked tries than before are said even when there were none', () => {
  expect(linesOf({ ...calm, blockedBefore: 4 }, reader)).toEqual([
    { name: 'Blocked tries', value: '0', change: '4 fewer than the week before' },
  ]);
});

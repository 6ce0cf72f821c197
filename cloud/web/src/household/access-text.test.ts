import { expect, test } from 'vitest';
import type { ProfileView, Rules, Schedule } from '../api/contract.ts';
import { en } from '../language/en.ts';
import { formatIn } from '../language/format.ts';
import { vi } from '../language/vi.ts';
import { accessText, endsByQuota } from './access-text.ts';

const MINUTE = 60_000;
// A Wednesday, 20:14 in Hà Nội.
const NOW = Date.UTC(2026, 4, 20, 13, 14);
const NINE = NOW + 46 * MINUTE;
const rules: Rules = {
  blockedCategories: [],
  blockedServices: [],
  allowedNames: [],
  blockedNames: [],
  schedules: [
    {
      id: '1',
      name: 'Giờ ngủ',
      mode: 'offline',
      holidays: 'included',
      days: [3],
      start: '21:00',
      end: '06:00',
    },
    {
      id: '2',
      name: 'Giờ học',
      mode: 'offline',
      holidays: 'included',
      days: [3],
      start: '20:00',
      end: '20:30',
    },
  ],
  safeSearch: false,
  youtube: 'open',
  quotas: [],
  quotaReset: '00:00',
};
const noLimits: Pick<ProfileView, 'rules' | 'quotas'> = { rules, quotas: [] };
const read = (access: ProfileView['access'], texts = vi, now = NOW, child = noLimits) =>
  accessText(
    texts,
    formatIn(texts === vi ? 'vi' : 'en', 'Asia/Ho_Chi_Minh'),
    { access, ...child },
    { now, holidays: [] },
  );

test('says until when the network is on, and what comes then', () => {
  expect(read({ mode: 'open', online: true, reason: 'free', until: null })).toEqual({
    tone: 'good',
    icon: 'check',
    text: 'Có mạng',
  });
  expect(read({ mode: 'open', online: true, reason: 'free', until: NINE }).text).toBe(
    'Có mạng đến 21:00, rồi Giờ ngủ',
  );
  expect(read({ mode: 'open', online: true, reason: 'free', until: NINE }, en).text).toBe(
    'Online until 21:00, then Giờ ngủ',
  );
  expect(read({ mode: 'open', online: true, reason: 'grant', until: NINE })).toEqual({
    tone: 'grant',
    icon: 'clock',
    text: 'Được thêm giờ đến 21:00',
  });
});

test('says why it is off, by the name of the schedule, and until when', () => {
  expect(read({ mode: 'off', online: false, reason: 'pause', until: null }).text).toBe(
    'Tạm dừng cho đến khi bạn mở lại',
  );
  expect(read({ mode: 'off', online: false, reason: 'pause', until: NINE }).text).toBe('Tạm dừng đến 21:00');
  expect(read({ mode: 'off', online: false, reason: 'schedule', until: NOW + 16 * MINUTE })).toEqual({
    tone: 'night',
    icon: 'moon',
    text: 'Giờ học đến 20:30',
  });
});

const study: Schedule = {
  id: '3',
  name: '',
  mode: 'learning',
  holidays: 'included',
  days: [3],
  start: '20:00',
  end: '21:00',
};
const limited = (left: number): ProfileView['quotas'] => [
  {
    id: 'q',
    of: { kind: 'network' },
    day: '2026-05-20',
    resetsAt: NOW + 8 * 60 * MINUTE,
    limit: 120,
    used: 120 - left,
    left,
    asOf: NOW,
  },
];

test('says that only study is open, by tap or by the schedule, and what comes after it', () => {
  const learning = { mode: 'learning', online: true, reason: 'learning' } as const;
  expect(read({ ...learning, until: null }).text).toBe('Chỉ mở trang học cho đến khi bạn tắt');
  expect(read({ ...learning, until: NOW + 5 * MINUTE }).icon).toBe('book');
  expect(read({ ...learning, until: NINE }).text).toBe('Chỉ mở trang học đến 21:00, rồi Giờ ngủ');
  const child = { ...noLimits, rules: { ...rules, schedules: [...rules.schedules, study] } };
  expect(read({ ...learning, reason: 'study-time', until: NINE }, vi, NOW, child).text).toBe(
    'Giờ học đến 21:00: chỉ mở trang học',
  );
});

test('says that the time of today is used up, and when there is more', () => {
  const spent = { mode: 'off', online: false, reason: 'quota', until: NOW + 8 * 60 * MINUTE } as const;
  const child = { rules: { ...rules, schedules: [] }, quotas: limited(0) };
  expect(read(spent, vi, NOW, child).text).toBe('Đã dùng hết giờ hôm nay, có lại 04:14 ngày mai');
  expect(read(spent, en, NOW, child).text).toBe('Today’s time is used up, back at 04:14 tomorrow');
});

test('says how much of today is left where that, and no schedule, ends it', () => {
  const on = { mode: 'open', online: true, reason: 'free', until: NOW + 20 * MINUTE } as const;
  const child = { ...noLimits, quotas: limited(20) };
  const calendar = { zone: 'Asia/Ho_Chi_Minh', holidays: [] };
  expect(read(on, vi, NOW, child).text).toBe('Có mạng, còn 20 phút hôm nay');
  expect(endsByQuota({ access: on, ...child }, calendar)).toBe(true);
  expect(read({ ...on, until: NINE }, vi, NOW, child).text).toBe('Có mạng đến 21:00, rồi Giờ ngủ');
  expect(endsByQuota({ access: { ...on, until: NINE }, ...child }, calendar)).toBe(false);
  expect(endsByQuota({ access: on, ...noLimits }, calendar)).toBe(false);
});

test('a schedule that this phone does not find is called bedtime', () => {
  const night = NOW + 12 * 60 * MINUTE;
  expect(read({ mode: 'off', online: false, reason: 'schedule', until: null }, vi, night).text).toBe(
    'Giờ ngủ',
  );
});

test('what has ended while nobody could be asked is not called so any more', () => {
  const access = { mode: 'open', online: true, reason: 'free', until: NINE } as const;
  expect(read(access, vi, NINE + 30_000).tone).toBe('good');
  expect(read(access, vi, NINE + 10 * MINUTE)).toMatchObject({ tone: 'quiet', text: 'Chưa rõ từ 21:00' });
});

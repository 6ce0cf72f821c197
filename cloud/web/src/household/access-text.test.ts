import { expect, test } from 'vitest';
import type { ProfileView } from '../api/contract.ts';
import { en } from '../language/en.ts';
import { formatIn } from '../language/format.ts';
import { vi } from '../language/vi.ts';
import { accessText } from './access-text.ts';

const MINUTE = 60_000;
// A Wednesday, 20:14 in Hà Nội.
const NOW = Date.UTC(2026, 4, 20, 13, 14);
const NINE = NOW + 46 * MINUTE;
const rules = {
  blockedCategories: [],
  blockedServices: [],
  allowedNames: [],
  blockedNames: [],
  schedules: [
    {
      id: '1',
      name: 'Giờ ngủ',
      mode: 'offline' as const,
      holidays: 'included' as const,
      days: [3],
      start: '21:00',
      end: '06:00',
    },
    {
      id: '2',
      name: 'Giờ học',
      mode: 'offline' as const,
      holidays: 'included' as const,
      days: [3],
      start: '20:00',
      end: '20:30',
    },
  ],
  safeSearch: false,
  youtube: 'open' as const,
  quotas: [],
  quotaReset: '00:00',
};
const read = (access: ProfileView['access'], texts = vi, now = NOW) =>
  accessText(texts, formatIn(texts === vi ? 'vi' : 'en', 'Asia/Ho_Chi_Minh'), { access, rules }, now);

test('says until when the network is on, and what comes then', () => {
  expect(read({ mode: 'open', online: true, reason: 'free', until: null })).toEqual({
    tone: 'good',
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
    text: 'Giờ học đến 20:30',
  });
});

test('says that only study is open, and that the time is used up', () => {
  expect(read({ mode: 'learning', online: true, reason: 'study-time', until: NINE }).text).toBe(
    'Chỉ mở trang học đến 21:00',
  );
  expect(read({ mode: 'off', online: false, reason: 'quota', until: NINE }).text).toBe(
    'Hết giờ mạng, bật lại 21:00',
  );
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
  expect(read(access, vi, NINE + 10 * MINUTE)).toEqual({ tone: 'quiet', text: 'Chưa rõ từ 21:00' });
});

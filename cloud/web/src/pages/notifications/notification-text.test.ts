import { describe, expect, test } from 'vitest';
import type { NotificationView } from '../../api/contract.ts';
import { en } from '../../language/en.ts';
import { formatIn } from '../../language/format.ts';
import { vi } from '../../language/vi.ts';
import { notificationText } from './notification-text.ts';

const now = Date.UTC(2026, 5, 8, 5);
const nothing = { profiles: [], devices: [], routers: [] };
const readers = [
  { texts: vi, format: formatIn('vi', 'Asia/Ho_Chi_Minh'), language: 'vi', home: nothing, now },
  { texts: en, format: formatIn('en', 'Asia/Ho_Chi_Minh'), language: 'en', home: nothing, now },
] as const;
const view = (
  about: NotificationView['about'],
  change: Partial<NotificationView> = {},
): NotificationView => ({
  id: 'n',
  about,
  profile: 'p',
  router: 'r',
  count: 1,
  firstAt: now,
  at: now,
  guessed: false,
  sequence: 1,
  unread: true,
  settled: false,
  settledAt: null,
  ...change,
});

const abouts: NotificationView['about'][] = [
  { kind: 'help', request: 'x' },
  { kind: 'request', request: 'x', minutes: 15 },
  { kind: 'new-device', devices: ['a'], proposal: null },
  { kind: 'new-device', devices: ['a', 'b'], proposal: null },
  { kind: 'new-device', devices: ['a'], proposal: 'x' },
  { kind: 'device-changed', mac: '02:00:00:00:00:01' },
  { kind: 'bypass', methods: ['vpn', 'not-known-yet'] },
  { kind: 'quota', of: { kind: 'service', id: 'tiktok' } },
  { kind: 'router-offline' },
  { kind: 'rules-failing', code: 'NOT_KNOWN_YET' },
  { kind: 'list-old' },
  { kind: 'connection-contested' },
  { kind: 'webhook-off', webhook: 'x' },
  { kind: 'weekly', week: '2026-06-01' },
];

describe('a notification', () => {
  test.each(abouts)('of $kind is told in both languages, also when what it is of is gone', (about) => {
    const told = readers.map((reader) => notificationText(view(about), reader).title);
    expect(told[0]).not.toBe(told[1]);
    for (const title of told) expect(title).not.toMatch(/undefined|null/);
    for (const settled of [view(about, { settled: true, settledAt: now })]) {
      for (const reader of readers) expect(notificationText(settled, reader).title).not.toBe('');
    }
  });

  test('counts, and dates a week from Monday to Sunday', () => {
    const [, reader] = readers;
    expect(notificationText(view({ kind: 'request', request: 'x', minutes: 1 }), reader).title).toBe(
      'A child asks for 1 minute more',
    );
    const of = { kind: 'service', id: 'youtube' } as const;
    expect(notificationText(view({ kind: 'request', request: 'x', minutes: 15, of }), reader).title).toBe(
      'A child asks for 15 minutes more YouTube',
    );
    expect(notificationText(view({ kind: 'weekly', week: '2026-06-01' }), reader)).toMatchObject({
      title: expect.stringMatching(/^Summary of 1\s*–\s*7 June$/),
      href: '/weekly?week=2026-06-01',
    });
  });

  test('of a router that is back says since when it was gone', () => {
    const [, reader] = readers;
    const back = view({ kind: 'router-offline' }, { at: now - 3_600_000, settledAt: now, settled: true });
    expect(notificationText(back, reader)).toMatchObject({
      tone: 'good',
      detail: 'Lost 11:00, back 12:00.',
    });
  });
});

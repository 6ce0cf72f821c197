import { defaultContacts } from '@khien/shared/contact';
import { newId } from '@khien/shared/id';
import { nothingUsed, type Profile, type Quota, type QuotaTarget, type Used } from '@khien/shared/policy';
import { describe, expect, test } from 'vitest';
import { AN, policy } from '../../dns/fixture/household.ts';
import { type Language, languages } from '../language/index.ts';
import { type ChildPage, childPage } from './child-page.ts';
import { phoneText, shownContacts } from './contacts.ts';
import { errorPage } from './error-page.ts';
import { guestPage } from './guest-page.ts';

// Saturday, 21 November 2026, 19:40 in Viet Nam.
const now = Date.UTC(2026, 10, 21, 12, 40);
const HOUR = 3600_000;
const HOSTILE = `"><img src=x onerror=alert(1)>'&`;

const bedtime = {
  id: newId(),
  name: 'Giờ ngủ',
  mode: 'offline' as const,
  holidays: 'included' as const,
  days: [1, 2, 3, 4, 5, 6, 7],
  start: '21:00',
  end: '06:00',
};

const study = { ...bedtime, id: newId(), mode: 'learning' as const, start: '19:00', end: '20:30' };
const free = {
  ...bedtime,
  id: newId(),
  mode: 'free' as const,
  holidays: 'only' as const,
  start: '08:00',
  end: '09:00',
};

function page(changes: Partial<ChildPage> = {}, an: Partial<Profile> = {}): ChildPage {
  const body = policy({
    an,
    anRules: { schedules: [bedtime], blockedNames: ['truyen.example'], ...an.rules },
  });
  const profile = body.profiles[0];
  if (profile === undefined) throw new Error('no profile');
  return {
    child: { profile, device: { pause: null } },
    policy: body,
    used: nothingUsed,
    contacts: defaultContacts,
    requests: [],
    pending: [],
    connected: true,
    now,
    sent: null,
    error: null,
    typed: null,
    ...changes,
  };
}

const network = newId();
const quotaOf = (id: string, of: QuotaTarget): Quota => ({ id, of, minutes: [60, 60, 60, 60, 60, 60, 60] });
const limited: Partial<Profile> = {
  bonuses: [{ id: newId(), quota: network, minutes: 30, at: now - HOUR, reason: HOSTILE }],
  rules: {
    ...page().child.profile.rules,
    schedules: [],
    quotas: [
      quotaOf(network, { kind: 'network' }),
      quotaOf(newId(), { kind: 'service', id: 'tiktok' }),
      {
        ...quotaOf(newId(), { kind: 'category', id: 'unknown-one' }),
        minutes: [1440, 1440, 1440, 1440, 1440, 1440, 1440],
      },
    ],
  },
};

const TIKTOK = { kind: 'service', id: 'tiktok' } as const;
const SOCIAL = { kind: 'category', id: 'social' } as const;
const parts = [quotaOf(newId(), TIKTOK), quotaOf(newId(), SOCIAL)];
const usedOf =
  (quotas: readonly Quota[]): Used =>
  (_, id) =>
    quotas.some((quota) => quota.id === id) ? 60 : 0;
const partly = (schedules: Profile['rules']['schedules'] = []): Partial<Profile> => ({
  rules: {
    ...page().child.profile.rules,
    blockedServices: [],
    schedules,
    quotas: [quotaOf(network, { kind: 'network' }), ...parts],
  },
});

const answer = { request: newId(), profile: AN.profile, granted: true, minutes: 30, reply: HOSTILE, at: now };

const childPages: Record<string, ChildPage> = {
  free: page(),
  'free for good': page({}, { rules: { ...page().child.profile.rules, schedules: [] } }),
  bedtime: page({ now: now + 3 * HOUR }),
  'paused until resumed': page({}, { pause: { since: 0, until: null } }),
  'paused for a while': page({}, { pause: { since: 0, until: now + 90_000 } }),
  granted: page({ now: now + 3 * HOUR }, { grant: { since: now, until: now + 4 * HOUR } }),
  'this device is paused': page({
    child: { profile: page().child.profile, device: { pause: { since: 0, until: now + HOUR } } },
  }),
  'study time': page(
    {},
    { learning: { since: 0, until: null }, rules: { ...page().child.profile.rules, schedules: [] } },
  ),
  'study time by schedule': page({}, { rules: { ...page().child.profile.rules, schedules: [study, free] } }),
  'time is left': page({ used: () => 20 }, limited),
  'a part of a minute is left': page({ used: () => 89.4 }, limited),
  'time is used up': page({ used: () => 90 }, limited),
  'the time of a service is used up': page({ used: usedOf(parts) }, partly()),
  'none is given': page(
    {},
    {
      rules: {
        ...page().child.profile.rules,
        blockedServices: [],
        schedules: [],
        quotas: [{ id: newId(), of: TIKTOK, minutes: [0, 0, 0, 0, 0, 0, 0] }],
      },
    },
  ),
  'also bedtime comes': page({ used: usedOf(parts) }, partly([bedtime])),
  'more of a service is asked for': page(
    {
      used: usedOf(parts),
      pending: [TIKTOK],
      requests: [{ ask: 'time', minutes: 15, of: TIKTOK, at: now, answer: null }],
    },
    partly(),
  ),
  'all is asked for': page({ used: usedOf(parts), pending: [TIKTOK, SOCIAL, null] }, partly([bedtime])),
  'request for time waits': page({
    pending: [null],
    sent: 'time',
    requests: [{ ask: 'time', minutes: 60, of: null, at: now, answer: null }],
  }),
  'request is saved': page({
    connected: false,
    sent: 'help',
    requests: [{ ask: 'help', minutes: 0, of: null, at: now, answer: null }],
  }),
  'help is merged': page({ sent: 'merged' }),
  answered: page({
    requests: [
      { ask: 'time', minutes: 30, of: null, at: now, answer },
      {
        ask: 'time',
        minutes: 30,
        of: { kind: 'service', id: 'tiktok' },
        at: now,
        answer: { ...answer, granted: false, minutes: 0, reply: '' },
      },
      { ask: 'unknown', minutes: 0, of: null, at: now - 24 * HOUR, answer: { ...answer, minutes: 0 } },
      { ask: 'help', minutes: 0, of: null, at: now, answer: { ...answer, granted: false, minutes: 0 } },
    ],
  }),
  'nothing is blocked': page(
    {},
    {
      rules: { ...page().child.profile.rules, blockedCategories: [], blockedServices: [], blockedNames: [] },
    },
  ),
  filtered: page(
    {},
    {
      rules: {
        ...page().child.profile.rules,
        safeSearch: true,
        youtube: 'strict',
        quotas: [],
        quotaReset: '00:00',
      },
    },
  ),
  'filtered a little': page({}, { rules: { ...page().child.profile.rules, youtube: 'moderate' } }),
  'hostile texts': page(
    { typed: { ask: 'time', minutes: 15, of: null, text: `</textarea>${HOSTILE}` }, error: 'TEXT_TOO_LONG' },
    {
      name: HOSTILE,
      rules: {
        ...page().child.profile.rules,
        schedules: [{ ...bedtime, name: HOSTILE, start: '00:00', end: '00:00' }],
      },
    },
  ),
};

const guest = {
  contacts: defaultContacts,
  mac: undefined,
  quarantined: false,
  claimCode: null,
  waiting: false,
  parentsUrl: 'https://khien.example/',
};

function allPages(language: Language): [string, string][] {
  const texts = languages[language];
  const codes = Object.keys(texts.errors) as (keyof typeof texts.errors)[];
  return [
    ...Object.entries(childPages).map(([name, it]): [string, string] => [name, childPage(texts, it)]),
    ['guest', guestPage(texts, guest)],
    ['in quarantine', guestPage(texts, { ...guest, mac: AN.mac, quarantined: true })],
    ['guest with MAC', guestPage(texts, { ...guest, mac: AN.mac })],
    ['waiting', guestPage(texts, { ...guest, waiting: true })],
    ['to be claimed', guestPage(texts, { ...guest, claimCode: '7GQ2-M0XK' })],
    ['without contacts', guestPage(texts, { ...guest, contacts: [] })],
    ...codes.map((code): [string, string] => [code, errorPage(texts, code, defaultContacts)]),
    ...codes.map((error): [string, string] => [`form: ${error}`, childPage(texts, page({ error }))]),
  ];
}

const VOID = new Set(['meta', 'link', 'input', '!doctype']);

/** The tags that are not closed in order. */
function unbalanced(text: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of text.matchAll(
    /<(\/?)([a-z!][a-z0-9]*)((?:"[^"]*"|[^">])*)>/gi,
  )) {
    if (slash === '/') {
      if (open.pop() !== name) return [...open, `/${name}`];
    } else if (!VOID.has(name) && !rest.endsWith('/')) open.push(name);
  }
  return open;
}

describe.each(['vi', 'en'] as const)('in %s', (language) => {
  test.each(allPages(language))('%s is whole, and nothing in it runs', (_name, text) => {
    expect(text.startsWith('<!doctype html>')).toBe(true);
    expect(text).toContain(`<html lang="${language}">`);
    expect(unbalanced(text)).toEqual([]);
    expect(text).not.toMatch(/undefined|\bnull\b|NaN|\[object|=>/);
    expect(text).not.toMatch(
      /<img|<style|<script(?! src="\/page\.[\w-]+\.js" defer><\/script>)|javascript:/i,
    );
    for (const [tag] of text.matchAll(/<[a-z](?:"[^"]*"|[^">])*>/gi)) {
      expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/\s(?:on\w+|style)=/i);
    }
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of text.matchAll(/(?:for|aria-labelledby)="([^"]+)"/g)) expect(ids).toContain(id);
  });

  test.each(Object.entries(childPages))('%s shows hotline 111 before anything to fill in', (_name, it) => {
    const text = childPage(languages[language], it);
    const hotline = text.indexOf('href="tel:111"');
    expect(hotline).toBeGreaterThan(0);
    expect(hotline).toBeLessThan(text.indexOf('<form'));
    expect(text).toContain('name="ask" value="help"');
    expect(text).not.toContain('3gppnetwork');
    expect(text).not.toContain('Viettel');
  });
});

describe('the child', () => {
  const { vi, en } = languages;
  const shown = (texts: typeof vi, name: string) => childPage(texts, childPages[name] ?? page());

  test('reads whether the network is on, until when and how long that is', () => {
    expect(shown(vi, 'free')).toContain('Mạng bật đến <strong>21:00 hôm nay</strong>');
    expect(shown(vi, 'free')).toContain('còn 1 giờ 20 phút');
    expect(shown(vi, 'bedtime')).toContain('Mạng bật lại lúc <strong>06:00 ngày mai</strong>');
    expect(shown(vi, 'bedtime')).toContain('Theo lịch “Giờ ngủ” bố mẹ đặt cho em.');
    expect(shown(en, 'granted')).toContain('On until <strong>23:40 today</strong>');
    expect(shown(en, 'paused for a while')).toContain('2 min left');
    expect(shown(en, 'paused until resumed')).toContain(en.status.untilResumed);
    expect(shown(en, 'free for good')).toContain(en.status.noLimit);
  });

  test.each([vi, en])('reads in $own what kind of time it is, and what comes next', (texts) => {
    const { status } = texts;
    expect(shown(texts, 'this device is paused')).toContain(status['device-pause']);
    expect(shown(texts, 'study time')).toContain(status.untilStudied);
    const studying = shown(texts, 'study time by schedule');
    expect(studying).toContain(`${status.studyUntil} <strong>20:30`);
    for (const words of [texts.rules.studyTimes, texts.rules.freeTimes, texts.rules.holidays.only]) {
      expect(studying).toContain(words);
    }
    expect(shown(texts, 'free')).not.toContain(texts.rules.studyTimes);
    const left = shown(texts, 'time is left');
    expect(left).toContain(`${status.onUntil} <strong>20:50`);
    expect(left).toContain(texts.quotas.left(texts.duration(70), texts.duration(90)));
    expect(left).toContain(`${texts.quotas.added(texts.duration(30))}: &quot;&gt;&lt;img`);
    expect(left).toContain(texts.quotas.noLimit);
    expect(left).toContain(
      texts.quotas.anew(texts.moment({ time: '00:00', daysAway: 1, weekday: 7, day: 22, month: 11 })),
    );
    const partly = shown(texts, 'a part of a minute is left');
    expect(partly).toContain(texts.quotas.left(texts.duration(1), texts.duration(90)));
    const spent = shown(texts, 'time is used up');
    expect(spent).toContain(status.quota);
    expect(spent).toContain(`${status.offUntil} <strong>00:00`);
    expect(spent).toContain(texts.quotas.spent(texts.duration(90)));
  });

  test('is watched for by the page while access is off, and only then', () => {
    const captive = (name: string) => /data-captive="(\w+)"/.exec(shown(vi, name))?.[1];
    expect(captive('bedtime')).toBe('true');
    expect(captive('this device is paused')).toBe('true');
    expect(captive('time is used up')).toBe('true');
    expect(captive('study time')).toBe('false');
    expect(captive('free')).toBe('false');
    expect(guestPage(vi, { ...guest, quarantined: true })).toContain('data-captive="true"');
  });

  test('reads every rule by name', () => {
    const text = shown(en, 'free');
    for (const rule of ['21:00 to 06:00', 'Every day', 'Gambling and betting', 'TikTok', 'truyen.example']) {
      expect(text).toContain(rule);
    }
    expect(text).not.toContain('YouTube');
    expect(shown(en, 'nothing is blocked')).toContain(en.rules.nothingBlocked);
    expect(shown(en, 'hostile texts')).toContain(en.rules.wholeDay);
  });

  test.each([vi, en])('reads in $own what search engines and YouTube filter', (texts) => {
    const { filters, safeSearch, youtube } = texts.rules;
    const filtered = shown(texts, 'filtered');
    for (const text of [filters, safeSearch, youtube.strict]) expect(filtered).toContain(text);
    expect(filtered).not.toContain(youtube.moderate);
    expect(shown(texts, 'filtered a little')).toContain(youtube.moderate);
    expect(shown(texts, 'filtered a little')).not.toContain(safeSearch);
    expect(shown(texts, 'free')).not.toContain(filters);
  });

  test('can ask for time only where that means something', () => {
    const form = 'name="minutes"';
    expect(shown(vi, 'bedtime')).toContain(form);
    expect(shown(vi, 'paused until resumed')).toContain(form);
    expect(shown(vi, 'free for good')).not.toContain(form);
    expect(shown(vi, 'request for time waits')).not.toContain(form);
  });

  test('can ask for what is used up while the rest is on, and for nothing twice', () => {
    const asks = (name: string) =>
      [...shown(vi, name).matchAll(/name="of" value="([^"]+)"( checked)?/g)].map(
        ([, of, checked]) => `${of}${checked ?? ''}`,
      );
    expect(asks('the time of a service is used up')).toEqual([
      'service:tiktok checked',
      'category:social',
      'network',
    ]);
    expect(asks('also bedtime comes')).toHaveLength(3);
    expect(asks('more of a service is asked for')).toEqual(['category:social checked', 'network']);
    expect(shown(vi, 'all is asked for')).toContain(vi.ask.pending);
    expect(shown(vi, 'none is given')).toContain(vi.quotas.notToday);
    expect(asks('none is given')).toEqual(['service:tiktok checked']);
    expect(asks('bedtime')).toEqual([]);
    expect(asks('time is used up')).toEqual([]);
    expect(shown(vi, 'more of a service is asked for')).toContain('Xin thêm 15 phút cho TikTok');
    expect(shown(en, 'more of a service is asked for')).toContain('15 min more of TikTok');
  });

  test('reads what became of its requests', () => {
    expect(shown(vi, 'request for time waits')).toContain('Đang chờ bố mẹ trả lời');
    expect(shown(vi, 'request is saved')).toContain(vi.notice.saved.help);
    const answered = shown(en, 'answered');
    expect(answered).toContain('You got 30 min more');
    expect(answered).toContain(en.requests.refused);
    expect(answered).toContain('&quot;&gt;&lt;img src=x');
  });

  test('gets back what it wrote when it was not taken', () => {
    const text = shown(vi, 'hostile texts');
    expect(text).toContain('&lt;/textarea&gt;');
    expect(text).toContain('value="15" checked');
  });
});

test('the contacts are ordered: 111, hotlines, counselling, emergencies', () => {
  const kinds = shownContacts([...defaultContacts].reverse()).map(({ kind }) => kind);
  expect(shownContacts([...defaultContacts].reverse())[0]?.phone).toBe('111');
  expect(kinds).not.toContain('calling');
  expect(kinds.lastIndexOf('hotline')).toBeLessThan(kinds.indexOf('counselling'));
  expect(kinds.lastIndexOf('counselling')).toBeLessThan(kinds.indexOf('emergency'));
});

test('telephone numbers are grouped as they are read out', () => {
  expect(
    ['111', '18001776', '0963061414', '1900969680', '02839390333', '+84963061414'].map(phoneText),
  ).toEqual(['111', '1800 1776', '0963 061 414', '1900 969 680', '02839 390 333', '+84963061414']);
});

import { describe, expect, it } from 'vitest';
import {
  type Decision,
  type DecisionBasis,
  decideName,
  type ListLookup,
  type SafeNameLookup,
} from './decision.ts';
import type { Profile, Rules, Service } from './policy.ts';

const services: Service[] = [
  {
    id: 'tiktok',
    name: { vi: 'TikTok', en: 'TikTok' },
    category: 'social',
    names: ['tiktok.com', 'tiktokcdn.com'],
  },
  { id: 'youtube', name: { vi: 'YouTube', en: 'YouTube' }, category: 'video', names: ['youtube.com'] },
  { id: 'chat', name: { vi: 'Chat', en: 'Chat' }, category: 'messaging', names: ['chat.example.com'] },
];
const help = ['tongdai111.vn'];
const lists: ListLookup = (name) =>
  [
    { name: 'bet.example', categories: ['gambling'] },
    { name: 'search.example', categories: ['search'] },
  ].filter((listed) => name.endsWith(listed.name));
/** A search engine with one name, and YouTube. */
const safeName: SafeNameLookup = (name, { safeSearch, youtube }) => {
  if (name === 'www.search.example' && safeSearch) return 'safe.search.example';
  if (name === 'www.youtube.com' && youtube !== 'open') return `${youtube}.youtube.com`;
  return undefined;
};

function profile(rules: Partial<Rules>): Profile {
  return {
    id: '01KASJ0W3Q8Z6T1R5Y9XEBM2CD',
    name: 'An',
    ageBand: '9-11',
    rules: {
      blockedCategories: [],
      blockedServices: [],
      allowedNames: [],
      blockedNames: [],
      schedules: [],
      safeSearch: false,
      youtube: 'open',
      quotas: [],
      quotaReset: '00:00',
      ...rules,
    },
    pause: null,
    grant: null,
    learning: null,
    bonuses: [],
  };
}
const decide = (rules: Partial<Rules>, name: string, now: Partial<DecisionBasis> = {}) =>
  decideName(profile(rules), name, {
    services,
    helpNames: help,
    lists,
    safeName,
    learningNames: ['school.example'],
    spent: [],
    learning: false,
    ...now,
  });

// The order of the rules, as one table. Each line adds a rule that beats the one before.
describe('the first rule that applies decides', () => {
  it.each([
    ['no rule', {}, 'www.tiktok.com', 'allow no-rule'],
    ['no safe search', {}, 'www.search.example', 'allow no-rule'],
    ['safe search', { safeSearch: true }, 'www.search.example', 'rewrite safe.search.example'],
    ['safe search is of exactly a name', { safeSearch: true }, 'a.www.search.example', 'allow no-rule'],
    ['safe search is not YouTube', { safeSearch: true }, 'www.youtube.com', 'allow no-rule'],
    ['Restricted Mode', { youtube: 'strict' }, 'www.youtube.com', 'rewrite strict.youtube.com'],
    ['its lower level', { youtube: 'moderate' }, 'www.youtube.com', 'rewrite moderate.youtube.com'],
    [
      'a list beats safe search',
      { safeSearch: true, blockedCategories: ['search'] },
      'www.search.example',
      'block category search search.example',
    ],
    [
      'a service beats Restricted Mode',
      { youtube: 'moderate', blockedServices: ['youtube'] },
      'www.youtube.com',
      'block service youtube youtube.com',
    ],
    [
      'an allowed name beats safe search',
      { safeSearch: true, allowedNames: ['search.example'] },
      'www.search.example',
      'allow allowed-name',
    ],
    [
      'a blocked name beats safe search',
      { safeSearch: true, blockedNames: ['www.search.example'] },
      'www.search.example',
      'block name www.search.example www.search.example',
    ],
    [
      'a list of a blocked category',
      { blockedCategories: ['gambling'] },
      'www.bet.example',
      'block category gambling bet.example',
    ],
    [
      'a blocked service',
      { blockedServices: ['tiktok'] },
      'www.tiktok.com',
      'block service tiktok tiktok.com',
    ],
    [
      'a service of a blocked category',
      { blockedCategories: ['social'] },
      'tiktok.com',
      'block service tiktok tiktok.com',
    ],
    [
      'an allowed name beats a service',
      { blockedServices: ['tiktok'], allowedNames: ['www.tiktok.com'] },
      'a.www.tiktok.com',
      'allow allowed-name',
    ],
    [
      'an allowed name beats a list',
      { blockedCategories: ['gambling'], allowedNames: ['bet.example'] },
      'bet.example',
      'allow allowed-name',
    ],
    [
      'a longer blocked name beats an allowed one',
      { allowedNames: ['example.com'], blockedNames: ['x.example.com'] },
      'x.example.com',
      'block name x.example.com x.example.com',
    ],
    [
      'a longer allowed name beats a blocked one',
      { blockedNames: ['example.com'], allowedNames: ['x.example.com'] },
      'x.example.com',
      'allow allowed-name',
    ],
    [
      'blocked wins where both are the same',
      { blockedNames: ['example.com'], allowedNames: ['example.com'] },
      'example.com',
      'block name example.com example.com',
    ],
    ['help beats everything', { blockedNames: ['tongdai111.vn'] }, 'www.tongdai111.vn', 'allow help'],
    ['a look-alike is another name', { blockedServices: ['tiktok'] }, 'nottiktok.com', 'allow no-rule'],
  ] as const satisfies readonly (readonly [string, Partial<Rules>, string, string])[])(
    '%s',
    (_title, rules, name, expected) => {
      const decision = decide(rules, name);
      expect(said(decision)).toBe(expected);
    },
  );
});

describe('spent time and the learning mode', () => {
  const ofTiktok = { spent: [{ of: { kind: 'service', id: 'tiktok' } }] } as const;
  const ofVideo = { spent: [{ of: { kind: 'category', id: 'video' } }] } as const;
  const learning = { learning: true };
  it.each<[string, Partial<Rules>, Partial<DecisionBasis>, string, string]>([
    ['a service whose time is spent', {}, ofTiktok, 'www.tiktok.com', 'block quota tiktok tiktok.com'],
    [
      'a service of a category whose time is spent',
      {},
      ofVideo,
      'youtube.com',
      'block quota youtube youtube.com',
    ],
    ['another service', {}, ofVideo, 'www.tiktok.com', 'allow no-rule'],
    [
      'spent time of the network is no matter of names',
      {},
      { spent: [{ of: { kind: 'network' } }] },
      'a.example',
      'allow no-rule',
    ],
    [
      'a blocked service is blocked as such',
      { blockedServices: ['tiktok'] },
      ofTiktok,
      'tiktok.com',
      'block service tiktok tiktok.com',
    ],
    [
      'an allowed name beats spent time',
      { allowedNames: ['tiktok.com'] },
      ofTiktok,
      'tiktok.com',
      'allow allowed-name',
    ],
    [
      'spent time beats Restricted Mode',
      { youtube: 'strict' },
      ofVideo,
      'www.youtube.com',
      'block quota youtube youtube.com',
    ],
    ['what study does not need', {}, learning, 'a.example', 'block learning learning '],
    ['what study needs', {}, learning, 'my.school.example', 'allow no-rule'],
    [
      'an allowed name is open while learning',
      { allowedNames: ['a.example'] },
      learning,
      'a.example',
      'allow allowed-name',
    ],
    ['help is open while learning', {}, learning, 'tongdai111.vn', 'allow help'],
    [
      'a list beats what study needs',
      { blockedCategories: ['gambling'] },
      { ...learning, learningNames: ['bet.example'] },
      'bet.example',
      'block category gambling bet.example',
    ],
    [
      'spent time beats what study needs',
      {},
      { ...learning, ...ofTiktok, learningNames: ['tiktok.com'] },
      'tiktok.com',
      'block quota tiktok tiktok.com',
    ],
    [
      'safe search goes on while learning',
      { safeSearch: true },
      { ...learning, learningNames: ['search.example'] },
      'www.search.example',
      'rewrite safe.search.example',
    ],
    [
      'safe search opens nothing while learning',
      { safeSearch: true },
      learning,
      'www.search.example',
      'block learning learning ',
    ],
  ])('%s', (_title, rules, now, name, expected) => {
    expect(said(decide(rules, name, now))).toBe(expected);
  });
});

function said(decision: Decision): string {
  switch (decision.action) {
    case 'allow':
      return `allow ${decision.because}`;
    case 'block':
      return `block ${decision.target.kind} ${decision.target.id} ${decision.target.name}`;
    case 'rewrite':
      return `rewrite ${decision.to}`;
  }
}

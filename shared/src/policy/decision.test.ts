import { describe, expect, it } from 'vitest';
import { decideName } from './decision.ts';
import type { Profile, Rules, Service } from './policy.ts';

const services: Service[] = [
  {
    id: 'tiktok',
    name: { vi: 'TikTok', en: 'TikTok' },
    category: 'social',
    names: ['tiktok.com', 'tiktokcdn.com'],
  },
  { id: 'chat', name: { vi: 'Chat', en: 'Chat' }, category: 'messaging', names: ['chat.example.com'] },
];
const help = ['tongdai111.vn'];
const lists = (name: string) =>
  name.endsWith('bet.example') ? [{ name: 'bet.example', categories: ['gambling'] }] : [];

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
      ...rules,
    },
    pause: null,
    grant: null,
  };
}
const decide = (rules: Partial<Rules>, name: string) =>
  decideName(profile(rules), { services }, help, lists, name);

// The order of the rules, as one table. Each line adds a rule that beats the one before.
describe('the first rule that applies decides', () => {
  it.each([
    ['no rule', {}, 'www.tiktok.com', 'allow no-rule'],
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
  ])('%s', (_title, rules, name, expected) => {
    const decision = decide(rules, name);
    const said =
      decision.action === 'allow'
        ? `allow ${decision.because}`
        : `block ${decision.target.kind} ${decision.target.id} ${decision.target.name}`;
    expect(said).toBe(expected);
  });
});

import { isDnsName } from '@khien/shared/name';
import { describe, expect, test } from 'vitest';
import { googleDomains } from './google-domains.ts';
import { rewrittenNames, safeName } from './safe-search.ts';

const OPEN = { safeSearch: false, youtube: 'open' } as const;
const SAFE = { safeSearch: true, youtube: 'open' } as const;

describe('safe search', () => {
  test.each([
    ['www.google.com', 'forcesafesearch.google.com'],
    ['www.google.com.vn', 'forcesafesearch.google.com'],
    ['www.google.co.uk', 'forcesafesearch.google.com'],
    ['www.google.co.jp', 'forcesafesearch.google.com'],
    ['www.google.de', 'forcesafesearch.google.com'],
    ['www.google.cat', 'forcesafesearch.google.com'],
    ['www.bing.com', 'strict.bing.com'],
    ['edgeservices.bing.com', 'strict.bing.com'],
    ['duckduckgo.com', 'safe.duckduckgo.com'],
    ['www.duckduckgo.com', 'safe.duckduckgo.com'],
    ['start.duckduckgo.com', 'safe.duckduckgo.com'],
  ])('%s leads to %s', (name, target) => {
    expect(safeName(name, SAFE)).toBe(target);
    expect(safeName(name, OPEN)).toBeUndefined();
    expect(safeName(name, { ...OPEN, youtube: 'strict' })).toBeUndefined();
  });

  test.each([
    'google.com',
    'mail.google.com',
    'maps.google.com',
    'accounts.google.com',
    'a.www.google.com',
    'www.google.com.evil.example',
    'xwww.google.com',
    'bing.com',
    'account.bing.com',
    'forcesafesearch.google.com',
    'www.google.example',
    'www.google',
    '',
  ])('%s stays as it is', (name) => {
    expect(safeName(name, { safeSearch: true, youtube: 'strict' })).toBeUndefined();
  });

  test("knows each of Google's domains once, and never rewrites where it leads to", () => {
    expect(new Set(googleDomains).size).toBe(googleDomains.length);
    expect(googleDomains.length).toBeGreaterThan(180);
    const rules = { safeSearch: true, youtube: 'moderate' } as const;
    for (const name of rewrittenNames(rules)) {
      expect(isDnsName(name)).toBe(true);
      const target = safeName(name, rules) ?? '';
      expect(isDnsName(target)).toBe(true);
      expect(safeName(target, rules)).toBeUndefined();
    }
  });
});

describe("YouTube's Restricted Mode", () => {
  const names = [
    'www.youtube.com',
    'm.youtube.com',
    'youtubei.googleapis.com',
    'youtube.googleapis.com',
    'www.youtube-nocookie.com',
  ];

  test.each(names)('is at %s', (name) => {
    expect(safeName(name, { ...OPEN, youtube: 'strict' })).toBe('restrict.youtube.com');
    expect(safeName(name, { ...OPEN, youtube: 'moderate' })).toBe('restrictmoderate.youtube.com');
    expect(safeName(name, SAFE)).toBeUndefined();
  });

  test.each([
    'youtube.com',
    'i.ytimg.com',
    'www.googleapis.com',
    'a.www.youtube.com',
    'restrict.youtube.com',
  ])('is not at %s', (name) => {
    expect(safeName(name, { safeSearch: true, youtube: 'strict' })).toBeUndefined();
  });

  test('is one thing, safe search another', () => {
    expect(rewrittenNames(OPEN)).toEqual([]);
    expect(rewrittenNames({ ...OPEN, youtube: 'moderate' })).toEqual(names);
    expect(rewrittenNames({ ...OPEN, youtube: 'strict' })).toEqual(names);
    expect(rewrittenNames(SAFE)).not.toContain('www.youtube.com');
  });
});

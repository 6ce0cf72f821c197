import { describe, expect, test } from 'vitest';
import { isLanguage, languages, preferredLanguage } from './index.ts';

describe('preferredLanguage', () => {
  test.each([
    ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
    ['en-US,en;q=0.9', 'en'],
    ['fr-FR,en;q=0.5,vi;q=0.7', 'vi'],
    ['vi;q=0,en', 'en'],
    ['EN-gb', 'en'],
    ['de, *;q=0.5', undefined],
    ['', undefined],
    [';;;,,,q=1', undefined],
    [`${'x,'.repeat(5000)}vi`, undefined],
  ])('%.40s is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });
});

test('isLanguage takes ours only', () => {
  expect(['vi', 'en', 'fr', '', null, undefined, 'constructor'].map(isLanguage)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

/** Every text of a language by its path; functions are named only. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, `function of ${value.length}`]];
  return Object.entries(value ?? {}).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`));
}

test('the languages have the same texts, none empty, none left in the other language', () => {
  const vi = new Map(leaves(languages.vi));
  const en = new Map(leaves(languages.en));
  expect([...en.keys()].sort()).toEqual([...vi.keys()].sort());
  for (const [path, text] of en) {
    expect(text.trim(), path).not.toBe('');
    if (path !== '/brand' && !text.startsWith('function')) expect(text, path).not.toBe(vi.get(path));
  }
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCatalogue } from '../../../src/errors.ts';
import { ApiError } from '../api/api-error.ts';
import { en } from './en.ts';
import { errorText, hindranceText } from './error-text.ts';
import { firstLanguage, languages } from './language.ts';
import { vi } from './vi.ts';

/** Every text of a language with its path; a text that takes values is called with some. */
function textsOf(node: unknown, path = ''): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node === 'function') return [[path, String(node('7', '8'))]];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, child]) => textsOf(child, path === '' ? key : `${path}.${key}`));
}

/** Names, and what is written the same everywhere. */
const SAME = [
  'app.name',
  'account.email',
  'settings.vietnamese',
  'settings.english',
  'time.at',
  'time.dayInSentence',
  'time.hoursMinutes',
  'schedule.sameDay',
  'quota.days',
  'quota.rewardLine',
  'devices.resemblesText',
  'activity.bypass.vpn.name',
  'activity.bypass.tor.name',
  'requests.by',
  'notifications.router',
];

describe('the languages', () => {
  test('have the same texts, none of them empty', () => {
    const keys = textsOf(vi).map(([path]) => path);
    expect(
      textsOf(en)
        .map(([path]) => path)
        .sort(),
    ).toEqual([...keys].sort());
    for (const texts of Object.values(languages))
      for (const [path, text] of textsOf(texts)) expect(text.trim(), path).not.toBe('');
  });

  test('leave nothing untranslated', () => {
    const english = new Map(textsOf(en));
    const same = textsOf(vi).filter(([path, text]) => english.get(path) === text);
    expect(same.map(([path]) => path).filter((path) => !SAME.includes(path))).toEqual([]);
  });

  test('use every value that they are given', () => {
    const unused = textsOf(languages.vi).filter(([path, text]) => path.endsWith('Of') && !text.includes('7'));
    expect(unused).toEqual([]);
  });

  test('count in English', () => {
    expect([en.activity.times(1), en.activity.times(12), vi.activity.times(12)]).toEqual([
      '1 time',
      '12 times',
      '12 lần',
    ]);
    expect([en.time.minutes(1), en.time.hours(2), en.child.categoriesBlocked(1)]).toEqual([
      '1 minute',
      '2 hours',
      '1 category blocked',
    ]);
  });
});

describe('the first language', () => {
  test.each([
    [undefined, ['vi-VN', 'en'], 'vi'],
    [undefined, ['en-US'], 'en'],
    [undefined, ['fr-FR', 'en-GB', 'vi'], 'en'],
    [undefined, ['fr'], 'vi'],
    [undefined, [], 'vi'],
    ['en', ['vi-VN'], 'en'],
    ['klingon', ['en'], 'en'],
  ] as const)('chosen %s, preferred %j: %s', (chosen, preferred, expected) => {
    expect(firstLanguage(chosen, preferred)).toBe(expected);
  });
});

describe('error texts', () => {
  // What a bad client sends is a mistake of ours, and says no more to a parent than that something went wrong.
  const OURS = [
    'MALFORMED_BODY',
    'BAD_REQUEST',
    'UNSUPPORTED_MEDIA_TYPE',
    'TOO_LARGE',
    'CROSS_SITE',
    'CREDENTIALS_AMBIGUOUS',
    'API_KEY_MISTYPED',
    'API_KEY_UNKNOWN',
    'IDEMPOTENCY_KEY_INVALID',
    'IDEMPOTENCY_KEY_REUSED',
  ];
  const told = Object.entries(errorCatalogue).filter(
    ([code, { status }]) => (status < 500 || status === 503) && !OURS.includes(code),
  );

  test.each(told.map(([code]) => code))('%s, which the cloud answers, has a text of its own', (code) => {
    for (const texts of Object.values(languages)) {
      expect(errorText(texts, new ApiError(code, 400))).not.toBe(texts.errors.UNEXPECTED);
    }
  });

  test('an unknown code is told as unexpected, never shown; not even one that objects have anyway', () => {
    for (const code of ['NEW_CODE', 'toString', '__proto__', ''])
      expect(errorText(vi, new ApiError(code, 418))).toBe(vi.errors.UNEXPECTED);
    expect(hindranceText(vi, 'constructor')).toBe(vi.hindrances.UNKNOWN);
  });
});

describe('what hinders a router', () => {
  /** The codes that the sources of a folder name, without their tests. */
  const codesIn = (folder: string) =>
    readdirSync(join(import.meta.dirname, '../../../..', folder), { withFileTypes: true })
      .filter(({ name }) => /(?<!\.test|\.fixture)\.ts$/.test(name))
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
      .flatMap((source) => source.match(/(?<=')(ENFORCE|DOCUMENT)_[A-Z_]+(?=')/g) ?? []);
  // Noted in its log alone, and tried again.
  const LOGGED = 'ENFORCE_FAILED';
  const codes = new Set([...codesIn('daemon/src/enforce'), ...codesIn('shared/src/document')]);
  codes.delete(LOGGED);

  test.each([...codes])('%s, which routers report, has a text of its own', (code) => {
    for (const texts of Object.values(languages)) {
      expect(hindranceText(texts, code)).not.toBe(texts.hindrances.UNKNOWN);
    }
  });

  test('is looked for where it is', () => {
    expect([...codes]).toEqual(expect.arrayContaining(['ENFORCE_REFUSED', 'DOCUMENT_INVALID']));
  });
});

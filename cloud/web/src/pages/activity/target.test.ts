import { bypassMethods } from '@khien/shared/event';
import { expect, test } from 'vitest';
import type { ActivityItem } from '../../api/contract.ts';
import { en } from '../../language/en.ts';
import { vi } from '../../language/vi.ts';
import { continues, joined, targetText } from './target.ts';

const item = (burst: string, lastAt: number, count = 1): ActivityItem => ({
  burst,
  profile: 'p',
  device: 'd',
  target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
  count,
  firstAt: lastAt,
  lastAt,
  guessed: false,
});

test('a target is called as people call it', () => {
  expect(targetText({ kind: 'service', id: 'tiktok', name: 'tiktokv.com' }, vi, 'vi')).toEqual({
    glyph: '🎵',
    title: 'TikTok',
    name: undefined,
  });
  expect(targetText({ kind: 'category', id: 'gambling', name: 'kubet.vn' }, en, 'en')).toMatchObject({
    title: 'Gambling and betting',
    name: 'kubet.vn',
  });
  expect(targetText({ kind: 'name', id: 'a.vn', name: 'a.vn' }, vi, 'vi').title).toBe('a.vn');
});

test('a service of a newer catalogue is shown by its name', () => {
  expect(targetText({ kind: 'service', id: 'not-known-yet', name: 'new.app' }, vi, 'vi').title).toBe(
    'new.app',
  );
});

test('what is not blocked by a list is told by its reason', () => {
  expect(targetText({ kind: 'quota', id: 'tiktok', name: 'tiktok' }, vi, 'vi').title).toBe(
    'TikTok: đã hết giờ',
  );
  expect(targetText({ kind: 'learning', id: 'learning', name: '' }, en, 'en')).toMatchObject({
    title: 'Something that is not for study',
    name: undefined,
    explanation: 'It was study time.',
  });
});

test.each(bypassMethods)('%s has a name and an explanation of its own', (id) => {
  for (const [language, texts] of [
    ['vi', vi],
    ['en', en],
  ] as const) {
    const { title, explanation } = targetText({ kind: 'bypass', id, name: '' }, texts, language);
    expect(title).not.toBe(texts.activity.bypassUnknown.name);
    expect(explanation).not.toBe(texts.activity.bypassUnknown.text);
  }
});

test('a way round names the service whose address was tried, and a newer way is still told', () => {
  expect(targetText({ kind: 'bypass', id: 'direct-address', name: 'tiktok' }, vi, 'vi').name).toBe('TikTok');
  for (const [language, texts] of [
    ['vi', vi],
    ['en', en],
  ] as const) {
    const explained = (name: string) =>
      targetText({ kind: 'bypass', id: 'direct-address', name }, texts, language).explanation;
    expect(explained('')).toBe(texts.activity.addressInStudy);
    expect(explained('tiktok')).toBe(texts.activity.bypass['direct-address'].text);
  }
  expect(targetText({ kind: 'bypass', id: 'vpn', name: '' }, en, 'en').name).toBe('A way round the rules');
  for (const id of ['carrier-pigeon', 'toString']) {
    expect(targetText({ kind: 'bypass', id, name: '' }, vi, 'vi').title).toBe(vi.activity.bypassUnknown.name);
  }
});

test('a burst that grew is shown once, as it was told last', () => {
  const all = joined([item('c', 30), item('b', 25, 12)], [item('b', 21), item('a', 9)]);
  expect(all.map(({ burst, count }) => [burst, count])).toEqual([
    ['c', 1],
    ['b', 12],
    ['a', 1],
  ]);
});

test('older pages are let go when the first page has moved past all that was known', () => {
  const known = [item('c', 3), item('b', 2), item('a', 1)];
  expect(continues([item('d', 4), item('c', 3)], known)).toBe(true);
  expect(continues([item('z', 9), item('y', 8)], known)).toBe(false);
});

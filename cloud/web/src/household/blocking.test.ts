import { catalogue } from '@khien/shared/catalogue';
import { describe, expect, test } from 'vitest';
import type { Rules } from '../api/contract.ts';
import { blockableCategories, blockingOf, findServices, folded } from './blocking.ts';

const rules = (change: Partial<Rules>): Rules => ({
  blockedCategories: [],
  blockedServices: [],
  allowedNames: [],
  blockedNames: [],
  schedules: [],
  safeSearch: false,
  youtube: 'open',
  quotas: [],
  quotaReset: '00:00',
  ...change,
});
const service = (id: string) => {
  const found = catalogue.services.find((known) => known.id === id);
  if (found === undefined) throw new Error(`no ${id} in the catalogue`);
  return found;
};

describe('why a service does not work', () => {
  test('nothing blocks it', () => expect(blockingOf(service('tiktok'), rules({}))).toBeUndefined());
  test('itself', () => {
    expect(blockingOf(service('tiktok'), rules({ blockedServices: ['tiktok'] }))).toEqual({ by: 'itself' });
  });
  test('its category, whatever is said of itself', () => {
    const both = rules({ blockedServices: ['tiktok'], blockedCategories: ['social'] });
    expect(blockingOf(service('tiktok'), both)).toMatchObject({ by: 'category', category: { id: 'social' } });
  });
  test('what it needs', () => {
    const garena = rules({ blockedServices: ['garena'] });
    expect(blockingOf(service('free-fire'), garena)).toMatchObject({
      by: 'needed',
      service: { id: 'garena' },
    });
  });
});

describe('the search', () => {
  const found = (query: string) =>
    findServices(query, 'vi').flatMap(({ services }) => services.map(({ id }) => id));
  test('finds without case and marks, as people type', () => {
    expect(found('lien quan')).toContain('lien-quan');
    expect(found('TIKTOK')).toContain('tiktok');
    expect(folded(' Đường Dây ')).toBe('duong day');
  });
  test('finds what is in a category by its name', () => {
    expect(found('mang xa hoi')).toEqual(expect.arrayContaining(['tiktok', 'facebook']));
  });
  test('shows all for nothing, and nothing for nonsense', () => {
    expect(found('')).toHaveLength(catalogue.services.length);
    expect(found('zzzzz')).toEqual([]);
  });
});

test('study is not something to block as a whole', () => {
  expect(blockableCategories.map(({ id }) => id)).not.toContain('study');
  expect(blockableCategories.length).toBe(16);
});

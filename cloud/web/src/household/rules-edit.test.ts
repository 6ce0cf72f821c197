import { ageBands, rulesFromPreset, youtubeModes } from '@khien/shared/policy';
import { expect, test } from 'vitest';
import type { Schedule } from '../api/contract.ts';
import { add, drop, dropSchedule, followsPreset, putSchedule, setFilter } from './rules-edit.ts';

let ids = 0;
const preset = () => rulesFromPreset('9-11', () => String(++ids), 'Giờ ngủ');
const nap: Schedule = {
  id: 'nap',
  name: 'Ngủ trưa',
  mode: 'offline',
  holidays: 'included',
  days: [1],
  start: '12:00',
  end: '13:00',
};

test('an entry is added once, and dropped where it is', () => {
  const rules = add('blockedServices', 'tiktok')(add('blockedServices', 'tiktok')(preset()));
  expect(rules.blockedServices).toEqual(['tiktok']);
  expect(drop('blockedServices', 'tiktok')(rules).blockedServices).toEqual([]);
  expect(drop('blockedServices', 'zalo')(rules).blockedServices).toEqual(['tiktok']);
});

test('a schedule takes the place of the one with its id, or comes last', () => {
  const rules = putSchedule(nap)(preset());
  expect(rules.schedules.at(-1)).toEqual(nap);
  const later = { ...nap, end: '14:00' };
  expect(putSchedule(later)(rules).schedules).toHaveLength(rules.schedules.length);
  expect(putSchedule(later)(rules).schedules.at(-1)).toEqual(later);
  expect(dropSchedule('nap')(rules).schedules).toHaveLength(rules.schedules.length - 1);
});

test('the way back of a dropped schedule is to put it again', () => {
  const rules = putSchedule(nap)(preset());
  expect(putSchedule(nap)(dropSchedule('nap')(rules))).toEqual(rules);
});

test('a filter is set beside the other', () => {
  const rules = setFilter({ youtube: 'moderate' })(setFilter({ safeSearch: false })(preset()));
  expect(rules).toMatchObject({ safeSearch: false, youtube: 'moderate' });
});

test('edits leave what they were given as it was', () => {
  const rules = preset();
  const before = structuredClone(rules);
  add('blockedNames', 'a.vn')(putSchedule(nap)(drop('blockedCategories', 'adult')(rules)));
  expect(rules).toEqual(before);
});

test.each(ageBands)('the preset of %s is recognised, and so is every change of it', (band) => {
  const rules = rulesFromPreset(band, () => String(++ids), 'Tên khác');
  expect(followsPreset(rules, band)).toBe(true);
  expect(followsPreset({ ...rules, schedules: [...rules.schedules].reverse() }, band)).toBe(true);
  expect(followsPreset(drop('blockedCategories', 'adult')(rules), band)).toBe(false);
  expect(followsPreset(add('blockedCategories', 'music')(rules), band)).toBe(false);
  expect(followsPreset(add('allowedNames', 'olm.vn')(rules), band)).toBe(false);
  expect(followsPreset(putSchedule(nap)(rules), band)).toBe(false);
  expect(followsPreset(setFilter({ safeSearch: !rules.safeSearch })(rules), band)).toBe(false);
  for (const youtube of youtubeModes) {
    expect(followsPreset(setFilter({ youtube })(rules), band)).toBe(youtube === rules.youtube);
  }
});

import { ageBands, rulesFromPreset, youtubeModes } from '@khien/shared/policy';
import { expect, test } from 'vitest';
import type { Quota, Schedule } from '../api/contract.ts';
import {
  add,
  drop,
  dropQuota,
  dropSchedule,
  followsPreset,
  putQuota,
  putSchedule,
  setFilter,
  setQuotaReset,
} from './rules-edit.ts';

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

test('a quota takes the place of the one with its id; that of the network comes first', () => {
  const tiktok: Quota = {
    id: 't',
    of: { kind: 'service', id: 'tiktok' },
    minutes: [30, 30, 30, 30, 30, 60, 60],
  };
  const network: Quota = { id: 'n', of: { kind: 'network' }, minutes: [60, 60, 60, 60, 60, 90, 90] };
  const rules = putQuota(network)(putQuota(tiktok)({ ...preset(), quotas: [] }));
  expect(rules.quotas).toEqual([network, tiktok]);
  const more = { ...tiktok, minutes: network.minutes };
  expect(putQuota(more)(rules).quotas).toEqual([network, more]);
  expect(dropQuota('n')(rules).quotas).toEqual([tiktok]);
  expect(setQuotaReset('05:30')(rules).quotaReset).toBe('05:30');
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
  const [night] = rules.schedules;
  if (night !== undefined) {
    for (const change of [{ mode: 'learning' }, { holidays: 'excluded' }] as const) {
      expect(followsPreset(putSchedule({ ...night, ...change })(rules), band)).toBe(false);
    }
  }
  const [limit] = rules.quotas;
  if (limit !== undefined) {
    expect(followsPreset(dropQuota(limit.id)(rules), band)).toBe(false);
    expect(followsPreset(putQuota({ ...limit, minutes: [1, 1, 1, 1, 1, 1, 1] })(rules), band)).toBe(false);
  }
  expect(followsPreset(setFilter({ safeSearch: !rules.safeSearch })(rules), band)).toBe(false);
  for (const youtube of youtubeModes) {
    expect(followsPreset(setFilter({ youtube })(rules), band)).toBe(youtube === rules.youtube);
  }
});

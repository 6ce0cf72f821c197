import type { Rules } from '@khien/shared/policy';
import { expect, test } from 'vitest';
import { AN, BINH, profile } from './fixture/household.ts';
import { strictestProfile } from './strictest.ts';

const strictest = (an: Partial<Rules>, binh: Partial<Rules>) =>
  strictestProfile({ profiles: [profile(AN.profile, 'An', an), profile(BINH.profile, 'Bình', binh)] })?.rules;

test('blocks what any child is kept from, and allows nothing that one child may', () => {
  expect(
    strictest(
      { blockedServices: ['tiktok'], blockedNames: ['a.vn'], allowedNames: ['b.vn'] },
      { blockedServices: ['tiktok', 'zalo'], blockedCategories: ['adult'] },
    ),
  ).toMatchObject({
    blockedServices: ['tiktok', 'zalo'],
    blockedCategories: ['adult'],
    blockedNames: ['a.vn'],
    allowedNames: [],
  });
});

test.each([
  [{}, {}, { safeSearch: false, youtube: 'open' }],
  [{ safeSearch: true }, { youtube: 'moderate' }, { safeSearch: true, youtube: 'moderate' }],
  [{ youtube: 'strict' }, { youtube: 'moderate' }, { safeSearch: false, youtube: 'strict' }],
] as const)('filters as the strictest of %j and %j', (an, binh, filter) => {
  expect(strictest(an, binh)).toMatchObject(filter);
  expect(strictest(binh, an)).toMatchObject(filter);
});

test('is nobody where nobody is managed', () => {
  expect(strictestProfile({ profiles: [] })).toBeUndefined();
});

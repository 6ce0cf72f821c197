import { describe, expect, it } from 'vitest';
import { rulesSchema } from './policy.ts';

const earlier = {
  blockedCategories: ['adult'],
  blockedServices: [],
  allowedNames: [],
  blockedNames: [],
  schedules: [],
};

describe('rules', () => {
  it('made before there was safe search have none', () => {
    expect(rulesSchema.parse(earlier)).toEqual({
      ...earlier,
      safeSearch: false,
      youtube: 'open',
      quotas: [],
      quotaReset: '00:00',
    });
  });

  it('keep what is set', () => {
    const rules = { ...earlier, safeSearch: true, youtube: 'moderate', quotas: [], quotaReset: '00:00' };
    expect(rulesSchema.parse(rules)).toEqual(rules);
  });

  it.each([
    ['safeSearch', 'yes'],
    ['safeSearch', null],
    ['youtube', 'off'],
    ['youtube', null],
  ])('with %s of %j are refused', (key, value) => {
    expect(rulesSchema.safeParse({ ...earlier, [key]: value }).success).toBe(false);
  });
});

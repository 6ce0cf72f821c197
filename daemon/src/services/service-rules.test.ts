import { describe, expect, it } from 'vitest';
import { type Household, household } from '../enforce/fixture/household.ts';
import { blockedServices, type ServiceStanding, trackedServices } from './service-rules.ts';

const services = {
  'social/tiktok': ['tiktok.com', 'tiktokv.com'],
  'social/facebook': ['facebook.com'],
  'video/youtube': ['youtube.com', 'youtubei.googleapis.com'],
};
const standing: ServiceStanding = { spent: [], learning: false };

function blocked(
  rules: NonNullable<Household['children']>[string],
  more: Partial<ServiceStanding> = {},
  learningNames: string[] = [],
): string[] {
  const { policy } = household({ children: { an: rules }, services });
  const [profile] = policy.profiles;
  return profile === undefined
    ? []
    : blockedServices(profile, { ...policy, learningNames }, { ...standing, ...more });
}

it('every service of the policy is tracked', () => {
  expect([...trackedServices(household({ services }).policy).keys()]).toEqual([
    'tiktok',
    'facebook',
    'youtube',
  ]);
});

describe('a service is blocked', () => {
  it('by itself or with its category', () => {
    expect(blocked({})).toEqual([]);
    expect(blocked({ blockedServices: ['tiktok', 'unknown'] })).toEqual(['tiktok']);
    expect(blocked({ blockedCategories: ['social'] })).toEqual(['tiktok', 'facebook']);
  });

  it('when its time, or that of its category, is used up', () => {
    expect(blocked({}, { spent: [{ of: { kind: 'service', id: 'youtube' } }] })).toEqual(['youtube']);
    expect(blocked({}, { spent: [{ of: { kind: 'category', id: 'social' } }] })).toEqual([
      'tiktok',
      'facebook',
    ]);
    expect(blocked({}, { spent: [{ of: { kind: 'network' } }] })).toEqual([]);
  });

  it('in the learning mode, unless study needs a part of it', () => {
    expect(blocked({}, { learning: true })).toEqual(['tiktok', 'facebook', 'youtube']);
    expect(blocked({}, { learning: true }, ['googleapis.com'])).toEqual(['tiktok', 'facebook']);
    expect(blocked({ blockedServices: ['youtube'] }, { learning: true }, ['googleapis.com'])).toContain(
      'youtube',
    );
  });

  it('not where the parent allows one of its names, one below it, or one above it', () => {
    const blockedCategories = ['social', 'video'];
    expect(blocked({ blockedCategories, allowedNames: ['tiktokv.com'] })).toEqual(['facebook', 'youtube']);
    expect(blocked({ blockedCategories, allowedNames: ['m.facebook.com'] })).toEqual(['tiktok', 'youtube']);
    expect(blocked({ blockedCategories, allowedNames: ['googleapis.com'] })).toEqual(['tiktok', 'facebook']);
  });
});

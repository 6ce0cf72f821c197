import { decideName } from '@khien/shared/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeName } from '../dns/safe-search.ts';
import { type Household, household, idOf } from '../enforce/fixture/household.ts';
import { StudyRules } from './study-rules.ts';

const an = idOf('an');

function openTo(name: string, home: Household, rewritten = false): string | undefined {
  return new StudyRules(household(home).policy).useOf(name, rewritten).profiles.get(an);
}

describe('agrees with what is decided of names', () => {
  const names = ['a.vn', 'b.a.vn', 'c.b.a.vn', 'd.vn', 'e.d.vn', 'www.bing.com', 'bing.com'];
  const some = fc.subarray(names);
  const services = fc.record({ 'x/one': some, 'y/two': some });
  const rules = fc.record({
    allowedNames: some,
    blockedNames: some,
    blockedServices: fc.subarray(['one']),
    blockedCategories: fc.subarray(['y']),
    safeSearch: fc.boolean(),
  });

  it('in study mode, for whatever rules', () => {
    fc.assert(
      fc.property(
        rules,
        services,
        some,
        fc.constantFrom(...names),
        (each, catalogue, learningNames, name) => {
          const { policy } = household({ children: { an: each }, services: catalogue, learningNames });
          const [profile] = policy.profiles;
          if (profile === undefined) throw new Error('no child');
          const { action } = decideName(profile, name, {
            services: policy.services,
            learningNames,
            helpNames: [],
            lists: () => [],
            safeName,
            spent: [],
            learning: true,
          });
          const rulesOf = new StudyRules(policy);
          expect([false, true].map((rewritten) => rulesOf.useOf(name, rewritten).profiles.has(an))).toEqual([
            action === 'allow',
            action === 'rewrite',
          ]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('names that are for one thing', () => {
  const home = (learningNames: string[], allowedNames: string[] = []): Household => ({
    children: { an: { allowedNames } },
    learningNames,
  });
  const narrowOf = (name: string, of: Household) =>
    new StudyRules(household(of).policy).useOf(name, false).narrow;

  it('open that, and not all that is at their addresses', () => {
    for (const name of ['r3.o.lencr.org', 'c.pki.goog']) {
      expect(narrowOf(name, home(['lencr.org', 'c.pki.goog']))).toEqual({ protocol: 'tcp', port: 80 });
      expect(openTo(name, home(['lencr.org', 'c.pki.goog']))).toBeUndefined();
    }
    expect(narrowOf('0.vn.pool.ntp.org', home(['pool.ntp.org']))).toEqual({ protocol: 'udp', port: 123 });
  });

  it('are open where systems find out whether there is a network, and nowhere else that is not of study', () => {
    expect(narrowOf('captive.apple.com', home([]))).toEqual({ protocol: 'tcp', port: 80 });
    expect(narrowOf('c.pki.goog', home([]))).toBeUndefined();
    expect(narrowOf('hocmai.vn', home(['hocmai.vn']))).toBeUndefined();
  });

  it('open all where the parent allows the name', () => {
    expect(openTo('c.pki.goog', home(['c.pki.goog'], ['pki.goog']))).toBe('pki.goog');
  });
});

import { expect, it } from 'vitest';
import { type NameLists, noLists } from '../lists/name-lists.ts';
import { InForce } from '../policy/in-force.ts';
import { type Household, household } from './fixture/household.ts';
import { ownNames } from './own-names.ts';
import { RememberedNames } from './remembered-names.ts';

const home: Household = {
  children: { an: { blockedNames: ['game.example'], blockedServices: ['chat'] } },
  services: { 'social/chat': ['chat.example'] },
  helpNames: ['help.example'],
};

function inForce(of: Household): InForce {
  const { policy, contacts } = household(of);
  return new InForce(policy, contacts);
}

function remembered() {
  return new RememberedNames((error) => expect.unreachable(String(error)));
}

it('are the same object while a policy says the same of names', () => {
  const names = remembered();
  const known = names.of(inForce(home), noLists, 1);
  expect(known).toEqual(ownNames(inForce(home), () => 0));
  const an = { ...home.children?.an, pause: { since: 0, until: null } };
  expect(names.of(inForce({ ...home, children: { an } }), noLists, 1)).toBe(known);
});

it.each<[string, Household]>([
  [
    'a blocked name',
    { ...home, children: { an: { blockedNames: ['other.example'], blockedServices: ['chat'] } } },
  ],
  ['a blocked service', { ...home, children: { an: { blockedNames: ['game.example'] } } }],
  ['a service’s name', { ...home, services: { 'social/chat': ['chat.example', 'talk.example'] } }],
  ['safe search', { ...home, children: { an: { ...home.children?.an, safeSearch: true } } }],
  ['another child', { ...home, children: { ...home.children, binh: { blockedNames: ['x.example'] } } }],
  ['a help name', { ...home, helpNames: ['help.example', 'more.example'] }],
  ['a name of study', { ...home, learningNames: ['study.example'] }],
])('are found anew after a change of %s', (_, changed) => {
  const names = remembered();
  names.of(inForce(home), noLists, 1);
  expect(names.of(inForce(changed), noLists, 1)).toEqual(ownNames(inForce(changed), () => 0));
});

it('are found anew for other lists and other categories', () => {
  const names = remembered();
  const listing = (revision: string, mask: number): NameLists => ({
    ...noLists,
    revision,
    lookup: (name) => [{ name, mask }],
  });
  const masksOf = (lists: NameLists, mask: number) =>
    names.of(inForce(home), lists, mask).masks.get('game.example');
  expect((masksOf(listing('one', 3), 3) ?? 0) & 7).toBe(3);
  expect((masksOf(listing('one', 3), 1) ?? 0) & 7).toBe(1);
  expect((masksOf(listing('two', 5), 7) ?? 0) & 7).toBe(5);
});

it('are not remembered where the lists could not be read', () => {
  const failures: unknown[] = [];
  const names = new RememberedNames((error) => failures.push(error));
  let isBroken = true;
  const lists: NameLists = {
    ...noLists,
    revision: 'one',
    lookup: () => {
      if (isBroken) throw new Error('broken');
      return [];
    },
  };
  names.of(inForce(home), lists, 1);
  expect(failures).not.toEqual([]);
  isBroken = false;
  expect(names.of(inForce(home), lists, 1)).toEqual(ownNames(inForce(home), () => 0));
});

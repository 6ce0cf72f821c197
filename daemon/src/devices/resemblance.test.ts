import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGenericHostname } from './generic-hostname.ts';
import { type Candidate, type Known, type Newcomer, resemblance } from './resemblance.ts';

const NOW = Date.UTC(2026, 10, 21, 20);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const MODEL = 'aaaaaaaaaaaaaaaa';
const OTHER_MODEL = 'bbbbbbbbbbbbbbbb';

/** A new phone, here for half a minute; and An's tablet, which was last heard just before. */
const newcomer = (own: Partial<Newcomer> = {}): Newcomer => ({
  mac: '5a:00:00:00:00:99',
  hostname: 'may-cua-An',
  fingerprint: MODEL,
  heardAt: NOW,
  firstSeenAt: NOW - 30 * SECOND,
  ...own,
});
const address = (own: Partial<Known> = {}): Known => ({
  mac: '5a:00:00:00:00:01',
  hostname: 'may-cua-An',
  fingerprint: MODEL,
  heardAt: NOW - 40 * SECOND,
  ...own,
});
const device = (id: string, ...addresses: Known[]): Candidate => ({ device: id, addresses });
const find = (one: Newcomer, candidates: readonly Candidate[], elsewhere: readonly string[] = []) =>
  resemblance(one, candidates, () => elsewhere, NOW);

describe('a new address is taken for a child’s device', () => {
  const day = 24 * 60 * MINUTE;
  it.each<[string, Partial<Newcomer>, Partial<Known>, string[]]>([
    ['by all signs', {}, {}, ['hostname', 'fingerprint', 'timing']],
    ['by its own name and system, whenever', {}, { heardAt: NOW - day }, ['hostname', 'fingerprint']],
    [
      'by its own name and system, not heard since a restart',
      {},
      { heardAt: null },
      ['hostname', 'fingerprint'],
    ],
    ['by its own name and the moment', { fingerprint: null }, {}, ['hostname', 'timing']],
    [
      'by the name of its model, system and moment',
      { hostname: 'Galaxy-A52' },
      { hostname: 'Galaxy-A52' },
      ['hostname', 'fingerprint', 'timing'],
    ],
    [
      'by system and moment, where neither tells a name',
      { hostname: null },
      { hostname: null },
      ['fingerprint', 'timing'],
    ],
    ['by its name in other letters', { hostname: 'MAY-CUA-AN' }, {}, ['hostname', 'fingerprint', 'timing']],
  ])('%s', (_, one, other, evidence) => {
    expect(find(newcomer(one), [device('tablet', address(other))])).toEqual({ device: 'tablet', evidence });
  });
});

describe('it is not', () => {
  const sameModel = { hostname: 'Galaxy-A52' };
  it.each<[string, Partial<Newcomer>, Partial<Known>]>([
    [
      'a sibling’s of the same model, while the tablet was gone for long',
      sameModel,
      { ...sameModel, heardAt: NOW - 60 * MINUTE },
    ],
    [
      'a sibling’s of the same model, while the tablet only rests',
      sameModel,
      { ...sameModel, heardAt: NOW - 10 * SECOND },
    ],
    ['one that is here together with the tablet', {}, { heardAt: NOW - 5 * SECOND }],
    ['a guest’s that comes as the tablet goes', { hostname: 'may-cua-ba' }, {}],
    ['one of another system', { fingerprint: OTHER_MODEL }, {}],
    ['one that tells nothing', { hostname: null, fingerprint: null }, {}],
    ['one that has only the name', { fingerprint: null }, { heardAt: NOW - 60 * MINUTE }],
    [
      'one of the same make',
      { mac: '3c:22:fb:00:00:01', ...sameModel },
      { mac: '3c:22:fb:00:00:02', ...sameModel, heardAt: null },
    ],
  ])('%s', (_, one, other) => {
    expect(find(newcomer(one), [device('tablet', address(other))])).toBeUndefined();
  });

  it('by a name that others have as well', () => {
    const gone = address({ heardAt: NOW - 60 * MINUTE });
    expect(find(newcomer(), [device('tablet', gone)], ['may-cua-an'])).toBeUndefined();
  });

  it('of a device one of whose addresses is here', () => {
    const both = [address(), address({ mac: '5a:00:00:00:00:02', heardAt: NOW - SECOND })];
    expect(find(newcomer(), [device('tablet', ...both)])).toBeUndefined();
  });
});

it('of two that it may be, it is the one it looks like more, then the one that left last', () => {
  const tablet = device('tablet', address({ heardAt: NOW - 5 * MINUTE }));
  const phone = device('phone', address({ mac: '5a:00:00:00:00:02', fingerprint: null }));
  expect(find(newcomer(), [phone, tablet])?.device).toBe('tablet');
  const twin = device('twin', address({ mac: '5a:00:00:00:00:03' }));
  for (const order of [
    [tablet, twin],
    [twin, tablet],
  ])
    expect(find(newcomer(), order)?.device).toBe('twin');
});

it('whatever devices tell: never one that is here as well, never of another system, never by what is common', () => {
  const time = fc.option(fc.integer({ min: NOW - 60 * MINUTE, max: NOW }), { nil: null });
  const traits = {
    hostname: fc.constantFrom(null, 'may-cua-An', 'iPhone', 'Galaxy-A52'),
    fingerprint: fc.constantFrom(null, MODEL, OTHER_MODEL),
    heardAt: time,
  };
  const known = fc.record({ mac: fc.constantFrom('5a:00:00:00:00:01', '3c:22:fb:00:00:02'), ...traits });
  const one = fc.record({
    mac: fc.constantFrom('5a:00:00:00:00:99', '3c:22:fb:00:00:09'),
    ...traits,
    firstSeenAt: fc.integer({ min: NOW - 10 * MINUTE, max: NOW }),
  });
  fc.assert(
    fc.property(one, fc.array(known, { maxLength: 3 }), (fresh, addresses) => {
      const found = find(fresh, [device('tablet', ...addresses)]);
      if (found === undefined) return;
      expect(addresses.every(({ heardAt }) => (heardAt ?? 0) <= fresh.firstSeenAt + 3000)).toBe(true);
      expect(
        addresses.some(
          ({ fingerprint: f }) => f === null || fresh.fingerprint === null || f === fresh.fingerprint,
        ),
      ).toBe(true);
      expect(found.evidence.length).toBeGreaterThanOrEqual(2);
      if (fresh.hostname !== 'may-cua-An') expect(found.evidence).toContain('timing');
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['iPhone', true],
  ['android-1a2b3c4d5e6f', true],
  ['Galaxy-A52-5G', true],
  ['Redmi-Note-10-Pro', true],
  ['DESKTOP-7AB12CD', true],
  ['', true],
  ['iPhone-cua-An', false],
  ['may-cua-me', false],
  ['An', false],
  ['Máy của An', false],
])('the name %s may be of many devices: %s', (hostname, expected) => {
  expect(isGenericHostname(hostname)).toBe(expected);
});

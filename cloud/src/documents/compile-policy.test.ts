import { catalogue, servicesInCategory } from '@khien/shared/catalogue';
import { type Id, newId } from '@khien/shared/id';
import { policyBodySchema, presets, rulesFromPreset } from '@khien/shared/policy';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePolicy, type HouseholdRows } from './compile-policy.ts';
import { plainRules } from './home.fixture.ts';

const NOW = Date.UTC(2026, 2, 1);
const DAY = 86_400_000;
const OFFSETS = [{ from: 0, minutes: 420 }];
const mai = newId();
const minh = newId();
const tablet = newId();

type Profile = HouseholdRows['profiles'][number];
const profile = (id: Id, more: Partial<Profile> = {}): Profile => ({
  id,
  name: 'Mai',
  age_band: '6-8',
  rules: JSON.stringify(plainRules),
  pause: null,
  extra_time: null,
  learning: null,
  ...more,
});
type Device = HouseholdRows['devices'][number];
const device = (more: Partial<Device> = {}): Device => ({
  id: tablet,
  profile: mai,
  name: null,
  hostname: 'tab',
  pause: null,
  known: 0,
  ...more,
});
const rows = (more: Partial<HouseholdRows> = {}): HouseholdRows => ({
  household: { zone: 'Asia/Ho_Chi_Minh', language: 'vi', new_devices: 'ask' },
  profiles: [profile(mai)],
  devices: [device()],
  macs: [{ mac: '02:00:00:00:00:01', device: tablet }],
  requests: [],
  bonuses: [],
  holidays: [],
  ...more,
});
const compile = (from: HouseholdRows) => compilePolicy(from, catalogue, OFFSETS, NOW);
const withRules = (rules: object) =>
  rows({ profiles: [profile(mai, { rules: JSON.stringify({ ...plainRules, ...rules }) })] });

test('only devices of a child and children with a device are in it', () => {
  const laptop = newId();
  const policy = compile(
    rows({
      profiles: [profile(minh, { name: 'Minh' }), profile(mai)],
      devices: [
        device({ name: 'Máy bảng' }),
        device({ id: laptop, profile: null, name: 'Of the mother' }),
        device({ id: newId(), profile: minh, name: 'Without an address', hostname: null }),
      ],
      macs: [
        { mac: '02:00:00:00:00:02', device: tablet },
        { mac: '02:00:00:00:00:01', device: tablet },
        { mac: '02:00:00:00:00:03', device: laptop },
      ],
    }),
  );
  expect(policy.profiles.map(({ id }) => id)).toEqual([mai]);
  expect(policy.devices).toEqual([
    {
      id: tablet,
      name: 'Máy bảng',
      profile: mai,
      macs: ['02:00:00:00:00:01', '02:00:00:00:00:02'],
      pause: null,
    },
  ]);
});

test('a device without a name of the parent is called what it calls itself, else by its address', () => {
  const named = (name: string | null, hostname: string | null) =>
    compile(rows({ devices: [device({ name, hostname })] })).devices[0]?.name;
  expect(named('Tablet', 'tab')).toBe('Tablet');
  expect(named(null, 'tab')).toBe('tab');
  expect(named(null, null)).toBe('02:00:00:00:00:01');
});

test('services are those blocked by themselves or by their category, with all their names', () => {
  const policy = compile(withRules({ blockedServices: ['tiktok'], blockedCategories: ['games'] }));
  const games = servicesInCategory('games').map(({ id }) => id);
  expect(policy.services.map(({ id }) => id).sort()).toEqual([...games, 'tiktok'].sort());
  const tiktok = catalogue.services.find(({ id }) => id === 'tiktok');
  expect(policy.services.find(({ id }) => id === 'tiktok')).toEqual({
    id: 'tiktok',
    name: tiktok?.name,
    category: tiktok?.category,
    names: tiktok?.names,
  });
  expect(policy.categories.map(({ id }) => id)).toEqual(['games']);
});

test('safe search goes with the rules; rules stored before there was any have none', () => {
  const filters = (from: HouseholdRows) => {
    const [profile] = compile(from).profiles;
    return [profile?.rules.safeSearch, profile?.rules.youtube];
  };
  expect(
    filters(withRules({ safeSearch: true, youtube: 'moderate', quotas: [], quotaReset: '00:00' })),
  ).toEqual([true, 'moderate']);
  expect(filters(withRules({ safeSearch: undefined, youtube: undefined }))).toEqual([false, 'open']);
});

test('a service or category that the catalogue no longer has is no obstacle', () => {
  const policy = compile(withRules({ blockedServices: ['gone'], blockedCategories: ['gone-too'] }));
  expect([policy.services, policy.categories]).toEqual([[], []]);
});

test('a pause or extra time that is over is left out, one that is not stays', () => {
  const timed = (pause: object | null, grant: object | null) =>
    compile(
      rows({
        profiles: [
          profile(mai, {
            pause: pause && JSON.stringify(pause),
            extra_time: grant && JSON.stringify(grant),
          }),
        ],
      }),
    ).profiles[0];
  expect(timed({ since: 1, until: NOW }, { since: 1, until: NOW })).toMatchObject({
    pause: null,
    grant: null,
    learning: null,
    bonuses: [],
  });
  const pause = { since: 1, until: null };
  const grant = { since: 1, until: NOW + 1 };
  expect(timed(pause, grant)).toMatchObject({ pause, grant });
});

test('answers are those of the last day to children who are in it, newest first, 64 at most', () => {
  const request = (at: number | null, child = mai) => ({
    id: newId(),
    profile: child,
    granted: 1 as const,
    answer_minutes: 30,
    reply: 'Ừ',
    answered_at: at,
  });
  const old = request(NOW - DAY);
  const recent = [request(NOW - 1), request(NOW - 2)];
  const policy = compile(rows({ requests: [old, request(null), request(NOW, minh), ...recent.reverse()] }));
  expect(policy.answers.map(({ at }) => at)).toEqual([NOW - 1, NOW - 2]);
  const many = Array.from({ length: 100 }, (_, i) => request(NOW - i));
  expect(compile(rows({ requests: many })).answers).toHaveLength(64);
});

test('every preset makes a valid policy', () => {
  for (const band of Object.keys(presets)) {
    const [ageBand] = Object.keys(presets).filter((name): name is keyof typeof presets => name === band);
    if (ageBand === undefined) continue;
    const rules = JSON.stringify(rulesFromPreset(ageBand, newId, 'Giờ ngủ'));
    expect(compile(rows({ profiles: [profile(mai, { age_band: ageBand, rules })] })).profiles).toHaveLength(
      1,
    );
  }
});

test('equal rows in any order make an equal policy', () => {
  const children = [mai, minh, newId()];
  const devices = children.map((child, i) => device({ id: newId(), profile: child, name: `${i}` }));
  const all = rows({
    profiles: children.map((id) => profile(id)),
    devices,
    macs: devices.flatMap(({ id }, i) => [
      { mac: `02:00:00:00:0${i}:01`, device: id },
      { mac: `02:00:00:00:0${i}:02`, device: id },
    ]),
  });
  const expected = JSON.stringify(compile(all));
  const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  fc.assert(
    fc.property(
      shuffled(all.profiles),
      shuffled(all.devices),
      shuffled(all.macs),
      (profiles, order, macs) => {
        expect(JSON.stringify(compile({ ...all, profiles, devices: order, macs }))).toBe(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test('rows that make no valid policy are refused, and it says where', () => {
  const refused = (from: HouseholdRows) => {
    try {
      return policyBodySchema.parse(compile(from));
    } catch (error) {
      return error;
    }
  };
  const invalid = (where: string) => ({ code: 'POLICY_INVALID', details: { where } });
  expect(refused(rows({ profiles: [profile(mai, { age_band: '99' })] }))).toMatchObject(
    invalid(`profiles.${mai}.ageBand`),
  );
  expect(refused(withRules({ blockedNames: ['NOT A NAME'] }))).toMatchObject({ code: 'POLICY_INVALID' });
  const macs = Array.from({ length: 17 }, (_, i) => ({ mac: `02:00:00:00:00:${10 + i}`, device: tablet }));
  expect(refused(rows({ macs }))).toMatchObject(invalid('devices.0.macs'));
});

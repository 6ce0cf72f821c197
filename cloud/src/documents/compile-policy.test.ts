import { catalogue, servicesInCategory } from '@khien/shared/catalogue';
import { type Id, newId } from '@khien/shared/id';
import { policyBodySchema, presets, rulesFromPreset } from '@khien/shared/policy';
import { MAX_MESSAGE_BYTES } from '@khien/shared/topic';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePolicy, type HouseholdRows } from './compile-policy.ts';
import { plainRules } from './home.fixture.ts';
import { studyNames } from './study-names.ts';

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

test('services are also those that a quota is of, itself or by its category', () => {
  const quota = (of: object) => ({ id: newId(), of, minutes: Array(7).fill(30) });
  const quotas = [{ kind: 'network' }, { kind: 'service', id: 'zalo' }, { kind: 'category', id: 'games' }];
  const policy = compile(withRules({ blockedServices: [], quotas: quotas.map(quota) }));
  const games = servicesInCategory('games').map(({ id }) => id);
  expect(policy.services.map(({ id }) => id).sort()).toEqual([...games, 'zalo'].sort());
  expect(policy.categories.map(({ id }) => id)).toEqual(['games']);
});

test('what study needs is in it while a child may be in the learning mode, and not otherwise', () => {
  const schedule = { id: newId(), name: 'x', mode: 'learning', days: [1], start: '08:00', end: '09:00' };
  const tapped = (until: number | null) =>
    compile(rows({ profiles: [profile(mai, { learning: JSON.stringify({ since: 1, until }) })] }));
  const { learningNames } = compile(withRules({ schedules: [schedule] }));
  expect(learningNames).toEqual(studyNames(catalogue));
  expect([tapped(null).learningNames, tapped(NOW + 1).learningNames]).toEqual([learningNames, learningNames]);
  expect(tapped(NOW)).toMatchObject({ learningNames: [], profiles: [{ learning: null }] });
  expect(compile(withRules({ schedules: [{ ...schedule, mode: 'offline' }] })).learningNames).toEqual([]);
});

test('bonuses are those of lately, of quotas that there are, with their child', () => {
  const quotas = [{ id: newId(), of: { kind: 'network' }, minutes: Array(7).fill(30) }];
  const quota = quotas[0]?.id ?? '';
  const bonus = (at: number, more: object = {}) => ({
    id: newId(at),
    profile: mai,
    quota,
    minutes: 5,
    at,
    reason: '',
    ...more,
  });
  const [old, one, two] = [bonus(NOW - 2 * DAY), bonus(NOW - DAY), bonus(NOW)];
  const bonuses = [two, old, one, bonus(NOW, { quota: newId() }), bonus(NOW, { profile: minh })];
  const policy = compile({ ...withRules({ quotas }), bonuses });
  expect(policy.profiles[0]?.bonuses.map(({ id }) => id)).toEqual([one.id, two.id]);
});

test('holidays are those to come, by date', () => {
  const holiday = (from_date: string, to_date: string) => ({ id: newId(), name: 'x', from_date, to_date });
  const holidays = [
    holiday('2026-04-30', '2026-05-01'),
    holiday('2026-01-01', '2026-02-26'),
    holiday('2026-02-01', '2026-02-28'),
  ];
  expect(compile(rows({ holidays })).holidays).toEqual([
    { name: 'x', from: '2026-02-01', to: '2026-02-28' },
    { name: 'x', from: '2026-04-30', to: '2026-05-01' },
  ]);
});

test('known are the addresses of what is nobody’s and to be left alone', () => {
  const [tv, phone] = [newId(), newId()];
  const policy = compile(
    rows({
      household: { zone: 'Asia/Ho_Chi_Minh', language: 'vi', new_devices: 'quarantine' },
      devices: [
        device({ known: 1 }),
        device({ id: tv, profile: null, known: 1 }),
        device({ id: phone, profile: null }),
      ],
      macs: [
        { mac: '02:00:00:00:00:01', device: tablet },
        { mac: '02:00:00:00:00:03', device: tv },
        { mac: '02:00:00:00:00:02', device: tv },
        { mac: '02:00:00:00:00:04', device: phone },
      ],
    }),
  );
  expect(policy).toMatchObject({
    newDevices: 'quarantine',
    known: ['02:00:00:00:00:02', '02:00:00:00:00:03'],
  });
});

test('a pause of a device that is over is left out, one that is not stays', () => {
  const paused = (until: number | null) =>
    compile(rows({ devices: [device({ pause: JSON.stringify({ since: 1, until }) })] })).devices[0]?.pause;
  expect([paused(NOW), paused(NOW + 1), paused(null)]).toEqual([
    null,
    { since: 1, until: NOW + 1 },
    { since: 1, until: null },
  ]);
});

test('the largest home there is fits into a message', () => {
  const children = Array.from({ length: 12 }, () => newId());
  const quotas = (of: readonly object[]) =>
    of.map((target) => ({ id: newId(), of: target, minutes: Array(7).fill(1439) }));
  const schedules = Array.from({ length: 32 }, (_, i) => ({
    id: newId(),
    name: 'Giờ học thêm toán với cô giáo chủ nhiệm',
    mode: 'learning',
    days: [1, 2, 3, 4, 5, 6, 7],
    start: '08:00',
    end: `09:${i + 10}`,
  }));
  const names = Array.from({ length: 50 }, (_, i) => `some-name-${i}.of-a-school.example.edu`);
  const rules = JSON.stringify({
    ...plainRules,
    blockedCategories: catalogue.categories.map(({ id }) => id),
    blockedServices: catalogue.services.map(({ id }) => id),
    allowedNames: names,
    blockedNames: [],
    schedules,
    quotas: quotas(catalogue.services.slice(0, 31).map(({ id }) => ({ kind: 'service', id }))),
  });
  const quota = JSON.parse(rules).quotas[0].id;
  const devices = children.flatMap((child) =>
    Array.from({ length: 6 }, () => device({ id: newId(), profile: child, name: 'Máy tính bảng của con' })),
  );
  const known = Array.from({ length: 440 }, () => device({ id: newId(), profile: null, known: 1 }));
  const all = [...devices, ...known];
  const policy = compile(
    rows({
      profiles: children.map((id) => profile(id, { rules })),
      devices: all,
      macs: all.map(({ id }, i) => ({
        mac: `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
        device: id,
      })),
      bonuses: children.flatMap((child) =>
        Array.from({ length: 8 }, () => ({
          id: newId(NOW),
          profile: child,
          quota,
          minutes: 15,
          at: NOW,
          reason: 'Vì con đã rửa bát và làm xong bài tập về nhà',
        })),
      ),
      holidays: Array.from({ length: 128 }, () => ({
        id: newId(),
        name: 'Nghỉ Tết Nguyên đán của trường',
        from_date: '2026-05-01',
        to_date: '2026-05-02',
      })),
      requests: [],
    }),
  );
  expect([policy.known.length, policy.devices.length, policy.holidays.length]).toEqual([440, 72, 128]);
  expect(policy.learningNames.length).toBeGreaterThan(60);
  const bytes = Buffer.byteLength(JSON.stringify(policy));
  expect(bytes).toBeLessThan(MAX_MESSAGE_BYTES - 4096);
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
  const quota = newId();
  const rules = {
    ...plainRules,
    quotas: [{ id: quota, of: { kind: 'network' }, minutes: Array(7).fill(5) }],
  };
  const bonus = { quota, minutes: 1, at: NOW, reason: '' };
  const all = rows({
    profiles: children.map((id) => profile(id, { rules: JSON.stringify(rules) })),
    bonuses: children.map((child) => ({ id: newId(), profile: child, ...bonus })),
    holidays: ['2026-05-01', '2026-05-01', '2026-04-01'].map((day) => ({
      id: newId(),
      name: newId(),
      from_date: day,
      to_date: day,
    })),
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
      shuffled(all.bonuses),
      shuffled(all.holidays),
      (profiles, order, macs, bonuses, holidays) => {
        const read = { ...all, profiles, devices: order, macs, bonuses, holidays };
        expect(JSON.stringify(compile(read))).toBe(expected);
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

import { longestSuffix } from '@khien/shared/name';
import {
  type Decision,
  decideName,
  nothingUsed,
  type Quota,
  type Schedule,
  spentTargets,
  type Used,
  youtubeModes,
} from '@khien/shared/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steeredNames } from '../dns/canary.ts';
import { rewrittenNames, safeName } from '../dns/safe-search.ts';
import { CALLING_NAME } from '../help/help-names.ts';
import { HELP, OWN_GROUP_COUNT, STUDY, TRACKED, UNDECIDED } from '../layout.ts';
import { noLists } from '../lists/name-lists.ts';
import { InForce } from '../policy/in-force.ts';
import { nothingOpen } from '../services/study-addresses.ts';
import { type DesiredState, desiredState, withoutTimes } from './desired.ts';
import { classify, mapsOf } from './fixture/classify.ts';
import { type Household, household, idOf } from './fixture/household.ts';
import { listsOf } from './fixture/lists.ts';
import { ListedNames } from './listed-names.ts';
import { NameTable } from './name-table.ts';
import { ownNames } from './own-names.ts';
import { isSteered } from './steering.ts';

const noLan = { ports: [], routerMacs: [], addresses: [], interfaces: [] };
const noon = Date.UTC(2026, 10, 21, 12);
const tablet = '02:00:00:00:00:01';
const phone = '02:00:00:00:00:02';

function desire(home: Household, lists = noLists, now = noon, used: Used = nothingUsed): DesiredState {
  const { policy, contacts } = household(home);
  const listed = new ListedNames((error) => expect.unreachable(String(error)));
  return desiredState(new InForce(policy, contacts), {
    now,
    lan: noLan,
    serviceAddresses: new Map(),
    study: nothingOpen,
    helpAddresses: [],
    addressesOf: () => [],
    used,
    ownNames: (inForce, mask) => ownNames(inForce, (name) => listed.mask(lists, name, mask)),
  });
}

/** The names that come from the household. */
function namesOf({ names }: DesiredState): Map<string, number> {
  return new Map([...names].filter(([name]) => ![...steeredNames, CALLING_NAME].includes(name)));
}

const bit = (index: number) => 2 ** index;

const quotaOf = (of: Quota['of'], minutes = 30): Quota => ({
  id: idOf(JSON.stringify(of)),
  of,
  minutes: Array.from({ length: 7 }, () => minutes),
});
const allUsed: Used = () => 10_000;

it('keeps closed who is neither known nor a child’s, only where the household wants that', () => {
  const home: Household = { children: { an: {} }, devices: { [tablet]: 'an' }, known: [phone] };
  for (const newDevices of ['allow', 'ask'] as const) {
    expect(desire({ ...home, newDevices }).known).toBeNull();
  }
  expect(desire({ ...home, newDevices: 'quarantine' }).known).toEqual([tablet, phone]);
});

describe('profiles', () => {
  it('where nothing is blocked, only what the kernel cannot tell goes to the responder', () => {
    const desired = desire({ children: { an: {} } });
    expect([...desired.profiles]).toEqual([[idOf('an'), UNDECIDED]]);
    expect(namesOf(desired).size).toBe(0);
    expect([...desired.names]).toEqual(
      [...steeredNames, CALLING_NAME].sort().map((name) => [name, name === CALLING_NAME ? HELP : UNDECIDED]),
    );
  });

  it('block categories by their bits, where there is a list', () => {
    const { profiles, listMask } = desire({
      children: {
        an: { blockedCategories: ['adult', 'gambling', 'social'] },
        binh: { blockedCategories: ['adult'] },
      },
      categories: { adult: 0, gambling: 1, violence: 2 },
    });
    expect(profiles.get(idOf('an'))).toBe(UNDECIDED + 0b11);
    expect(profiles.get(idOf('binh'))).toBe(UNDECIDED + 0b01);
    expect(listMask).toBe(0b11);
  });

  it('that block the same share a group', () => {
    const { profiles, names } = desire({
      children: {
        an: { blockedNames: ['x.vn', 'y.vn'] },
        binh: { blockedNames: ['y.vn', 'x.vn'] },
        chi: { blockedNames: ['x.vn'] },
        dung: {},
      },
    });
    const mask = (child: string) => (profiles.get(idOf(child)) ?? 0) & ~UNDECIDED;
    expect(mask('an')).toBe(mask('binh'));
    expect(mask('an') & mask('chi')).toBe(0);
    expect(mask('dung')).toBe(0);
    expect(names.get('x.vn')).toBe(mask('an') | mask('chi'));
    expect(names.get('y.vn')).toBe(mask('an'));
  });

  it('with safe search are the only ones to whom its names matter', () => {
    const { profiles, names } = desire({
      children: {
        an: { safeSearch: true, youtube: 'strict', quotas: [], quotaReset: '00:00' },
        binh: { safeSearch: true, youtube: 'moderate', quotas: [], quotaReset: '00:00' },
        chi: { safeSearch: true },
        dung: { youtube: 'moderate', quotas: [], quotaReset: '00:00' },
        em: {},
      },
    });
    const mask = (child: string) => (profiles.get(idOf(child)) ?? 0) & ~UNDECIDED;
    expect(mask('an')).toBe(mask('binh'));
    expect(new Set(['an', 'chi', 'dung', 'em'].map(mask)).size).toBe(4);
    expect(mask('em')).toBe(0);
    expect(names.get('www.google.com.vn')).toBe(mask('an') | mask('chi'));
    expect(names.get('m.youtube.com')).toBe(mask('an') | mask('dung'));
    expect(names.has('google.com')).toBe(false);
    expect(names.has('forcesafesearch.google.com')).toBe(false);
  });

  it('beyond the last group have undecided names', () => {
    const children = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`child${index}`, { blockedNames: [`n${index}.vn`] }]),
    );
    const names = namesOf(desire({ children }));
    expect([...names.values()].filter((mask) => mask === UNDECIDED)).toHaveLength(20 - OWN_GROUP_COUNT);
    expect(new Set(names.values()).size).toBe(OWN_GROUP_COUNT + 1);
  });
});

it('protects all devices of children whose rules block ways round them', () => {
  const desired = desire({
    children: { an: { blockedCategories: ['bypass'] }, binh: { blockedCategories: ['adult'] } },
    devices: { [phone]: 'an', [tablet]: 'an', '02:00:00:00:00:03': 'binh' },
  });
  expect(desired.protectedDevices).toEqual([tablet, phone]);
});

describe('names', () => {
  it('are those of services blocked one by one or with their category', () => {
    const desired = desire({
      children: { an: { blockedServices: ['tiktok'], blockedCategories: ['games'] } },
      services: {
        'social/tiktok': ['tiktok.com'],
        'games/roblox': ['roblox.com'],
        'social/zalo': ['zalo.me'],
      },
    });
    const own = [...namesOf(desired)].map(([name, mask]) => [name, mask & ~TRACKED]);
    expect(own).toEqual([
      ['roblox.com', bit(16)],
      ['tiktok.com', bit(16)],
      ['zalo.me', 0],
    ]);
  });

  it('carry what the names above them carry, own and listed', () => {
    const { names } = desire(
      {
        children: {
          an: { blockedNames: ['example.com'], blockedCategories: ['adult'] },
          binh: { blockedNames: ['a.b.example.com'] },
        },
        categories: { adult: 0, gambling: 1 },
        helpNames: ['b.example.com'],
      },
      listsOf({ 'example.com': 0b01, 'b.example.com': 0b10, 'b.example.net': 0b01 }),
    );
    const [first, second] = [bit(16), bit(17)];
    const example = names.get('example.com') ?? 0;
    expect([first + 1, second + 1]).toContain(example);
    expect(names.get('b.example.com')).toBe(example + HELP);
    expect(names.get('a.b.example.com')).toBe(first + second + 1 + HELP);
  });
});

describe('leases', () => {
  const bedtime: Schedule = {
    id: idOf('bed'),
    name: '',
    mode: 'offline',
    holidays: 'included',
    days: [1, 2, 3, 4, 5, 6, 7],
    start: '21:00',
    end: '06:00',
  };

  it('end when access ends, and are not given without', () => {
    const night = Date.UTC(2026, 10, 21, 21);
    const { leases, nextTransition } = desire({
      children: { an: { schedules: [bedtime] }, binh: {}, chi: { pause: { since: 0, until: noon + 1000 } } },
      devices: { [tablet]: 'an', [phone]: 'binh', '02:00:00:00:00:03': 'chi' },
    });
    expect([...leases]).toEqual([
      [tablet, night],
      [phone, null],
    ]);
    expect(nextTransition).toBe(noon + 1000);
  });

  it('come back when the window ends', () => {
    const home = { children: { an: { schedules: [bedtime] } }, devices: { [tablet]: 'an' } };
    const night = Date.UTC(2026, 10, 21, 21);
    expect(desire(home, noLists, night)).toMatchObject({
      leases: new Map(),
      nextTransition: night + 9 * 3600_000,
    });
    expect(desire(home, noLists, night + 9 * 3600_000).leases.get(tablet)).toBe(night + 24 * 3600_000);
  });

  it('are only of those whom no time takes access from, while nobody knows the time', () => {
    const desired = desire({
      children: {
        an: { schedules: [bedtime] },
        binh: {},
        chi: { grant: { since: 0, until: noon + 1000 }, pause: { since: 0, until: null } },
        dung: { pause: { since: 0, until: null } },
      },
      devices: { [tablet]: 'an', [phone]: 'binh', '02:00:00:00:00:03': 'chi', '02:00:00:00:00:04': 'dung' },
    });
    expect([...withoutTimes(desired).leases]).toEqual([[phone, null]]);
  });
});

describe('a quota of the network', () => {
  const home: Household = {
    children: { an: { quotas: [quotaOf({ kind: 'network' })] } },
    devices: { [tablet]: 'an', [phone]: 'an' },
  };

  it('ends the leases of all devices when it would be used up, and lets them end halfway there', () => {
    const { leases, leasesFrom, nextTransition } = desire(home, noLists, noon, () => 20);
    expect([...leases]).toEqual([tablet, phone].map((mac) => [mac, noon + 10 * 60_000]));
    expect([...leasesFrom]).toEqual([tablet, phone].map((mac) => [mac, noon + 5 * 60_000]));
    expect(nextTransition).toBe(noon + 2.5 * 60_000);
  });

  it('gives no lease when it is, until the next day', () => {
    const { leases, nextTransition } = desire(home, noLists, noon, () => 30);
    expect(leases.size).toBe(0);
    expect(nextTransition).toBe(noon + 12 * 3600_000);
  });

  it('does not loosen an end that comes before', () => {
    const grant = { since: noon, until: noon + 60_000 };
    const pause = { since: noon, until: null };
    const { leases, leasesFrom } = desire({
      ...home,
      children: { an: { ...home.children?.an, grant, pause } },
    });
    expect(leases.get(tablet)).toBe(grant.until);
    expect(leasesFrom.size).toBe(0);
  });
});

describe('a quota of a service', () => {
  const home: Household = {
    children: { an: { quotas: [quotaOf({ kind: 'service', id: 'tiktok' })] }, binh: {} },
    devices: { [tablet]: 'an' },
    services: { 'social/tiktok': ['tiktok.com'], 'social/zalo': ['zalo.me'] },
  };
  const refused = ({ services }: DesiredState) => services.blocked.get(idOf('an'));

  it('leaves access, and is looked at when it may be used up', () => {
    const desired = desire(home, noLists, noon, () => 20);
    expect(desired.leases.get(tablet)).toBeNull();
    expect(desired.nextTransition).toBe(noon + 10 * 60_000);
    expect(refused(desired)).toEqual([]);
    expect((desired.profiles.get(idOf('an')) ?? 0) & TRACKED).toBe(0);
  });

  it('refuses the service alone when it is, and does not leave its name to the resolver', () => {
    const desired = desire(home, noLists, noon, () => 30);
    expect(desired.leases.get(tablet)).toBeNull();
    expect(refused(desired)).toEqual(['tiktok']);
    expect(desired.nextTransition).toBe(noon + 12 * 3600_000);
    expect((desired.profiles.get(idOf('an')) ?? 0) & TRACKED).not.toBe(0);
    expect((desired.profiles.get(idOf('binh')) ?? 0) & TRACKED).toBe(0);
  });
});

it('a device that is paused alone has no lease until then, and others of the child have', () => {
  const until = noon + 3600_000;
  const { leases, nextTransition } = desire({
    children: { an: {} },
    devices: { [tablet]: 'an', [phone]: 'an' },
    pauses: { [tablet]: { since: noon, until } },
  });
  expect([...leases]).toEqual([[phone, null]]);
  expect(nextTransition).toBe(until);
});

it('in the learning mode a lease holds, and only names of study are left to the resolver', () => {
  const { leases, profiles, names } = desire({
    children: { an: { learning: { since: 0, until: null } }, binh: {} },
    devices: { [tablet]: 'an' },
    learningNames: ['hocmai.vn'],
  });
  const [an = 0, binh = 0] = ['an', 'binh'].map((child) => profiles.get(idOf(child)));
  expect(leases.get(tablet)).toBeNull();
  expect(isSteered(names.get('hocmai.vn') ?? 0, an)).toBe(false);
  expect([isSteered(0, an), isSteered(0, binh)]).toEqual([true, false]);
  expect((names.get('hocmai.vn') ?? 0) & STUDY).not.toBe(0);
});

it('in the learning mode ways round the rules are closed too, and names of help are resolved by the responder', () => {
  const { protectedDevices } = desire({
    children: { an: { learning: { since: 0, until: null } }, binh: {} },
    devices: { [tablet]: 'an', [phone]: 'binh' },
  });
  expect(protectedDevices).toEqual([tablet]);
});

it('says the same for the same household in another order', () => {
  const one = desire({
    children: { an: { blockedNames: ['a.vn', 'b.vn'] }, binh: {} },
    devices: { [tablet]: 'an', [phone]: 'binh' },
  });
  const other = desire({
    children: { binh: {}, an: { blockedNames: ['b.vn', 'a.vn'] } },
    devices: { [phone]: 'binh', [tablet]: 'an' },
  });
  expect(JSON.stringify([...other.names, ...other.devices, ...other.profiles])).toBe(
    JSON.stringify([...one.names, ...one.devices, ...one.profiles]),
  );
});

describe('the classifier with the desired maps', () => {
  // Names of safe search, and names above and below them.
  const searched = fc.constantFrom(
    'www.google.com',
    'google.com',
    'a.www.google.com',
    'www.google.com.vn',
    'com.vn',
    'www.youtube.com',
    'a.m.youtube.com',
  );
  const label = fc.constantFrom('a', 'b', 'c-1', '9', 'x'.repeat(40), 'y'.repeat(63));
  const invented = fc
    .array(label, { minLength: 2, maxLength: 5 })
    .map((labels) => labels.join('.'))
    .filter((text) => text.length <= 200);
  const name = fc.oneof({ arbitrary: invented, weight: 3 }, searched);
  const some = fc.uniqueArray(name, { maxLength: 4 });
  const mask = fc.integer({ min: 1, max: 7 });
  const lists = fc.dictionary(name, mask, { maxKeys: 10, noNullPrototype: true });
  const categories = fc.subarray(['adult', 'gambling', 'violence']);
  const child = fc.record({
    blockedNames: some,
    allowedNames: some,
    blockedCategories: categories,
    blockedServices: fc.subarray(['tiktok', 'zalo']),
    safeSearch: fc.boolean(),
    youtube: fc.constantFrom(...youtubeModes),
    learning: fc.constantFrom(null, { since: 0, until: null }),
    quotas: fc.constantFrom<Quota[]>(
      [],
      [quotaOf({ kind: 'service', id: 'tiktok' })],
      [quotaOf({ kind: 'category', id: 'violence' })],
    ),
  });
  const homes = fc.record({
    children: fc.dictionary(fc.constantFrom('an', 'binh', 'chi', 'dung'), child, { noNullPrototype: true }),
    services: fc.record({ 'social/tiktok': some, 'violence/zalo': some }),
    helpNames: fc.uniqueArray(name, { maxLength: 2 }),
    learningNames: some,
  });
  const bits = { adult: 0, gambling: 1, violence: 2 };

  /** Each child's decision for each name, with whether the kernel takes the query to the responder. */
  function* decisions(home: Household, listed: Record<string, number>, asked: readonly string[]) {
    const complete = { ...home, categories: bits };
    const { policy, contacts } = household(complete);
    const lookup = listsOf(listed);
    const desired = desire(complete, lookup, noon, allUsed);
    const maps = mapsOf(new NameTable(desired.names, lookup, desired.listMask).blocks());
    const categoriesOf = (text: string) =>
      lookup.lookup(text).map((entry) => ({
        name: entry.name,
        categories: Object.entries(bits).flatMap(([id, place]) => ((entry.mask >> place) & 1 ? [id] : [])),
      }));
    const helpNames = contacts.flatMap(({ names }) => names);
    const basis = {
      services: policy.services,
      helpNames,
      lists: categoriesOf,
      safeName,
      learningNames: policy.learningNames,
    };
    for (const profile of policy.profiles) {
      const spent = spentTargets(profile, { ...policy, used: allUsed }, noon);
      const learning = profile.learning !== null;
      for (const text of asked) {
        const decision: Decision = decideName(profile, text, { ...basis, spent, learning });
        const answer = classify(maps, text);
        const steered = isSteered(answer, desired.profiles.get(profile.id) ?? 0);
        yield { profile, text, decision, answer, steered };
      }
    }
  }

  it('takes every name that is blocked or leads elsewhere to the responder', () => {
    fc.assert(
      fc.property(homes, lists, fc.array(name, { maxLength: 30 }), (home, listed, asked) => {
        const below = Object.keys(listed).map((text) => `a.${text}`);
        const searched = ['www.google.com.vn', 'www.youtube.com', 'duckduckgo.com', 'mail.google.com'];
        const all = [...asked, ...Object.keys(listed), ...below, ...searched];
        for (const { text, decision, steered, profile } of decisions(home, listed, all)) {
          if (decision.action !== 'allow' && !steered) throw new Error(`${text} passes ${profile.name}`);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('leaves allowed names to the resolver, where no exception and no limit is near', () => {
    fc.assert(
      fc.property(homes, lists, fc.array(name, { maxLength: 30 }), (home, listed, asked) => {
        for (const { text, decision, answer, steered, profile } of decisions(home, listed, asked)) {
          if (decision.action !== 'allow' || decision.because === 'allowed-name' || text.length > 62)
            continue;
          // With one service's time used up, the responder tells all services apart.
          if ((answer & TRACKED) !== 0 && profile.rules.quotas.length > 0) continue;
          // Below a name that leads elsewhere, the kernel stops at that one.
          if (longestSuffix(text, rewrittenNames(profile.rules)) !== undefined) continue;
          if (steered) throw new Error(`${text} is kept from ${profile.name}`);
        }
      }),
      { numRuns: 400 },
    );
  });
});

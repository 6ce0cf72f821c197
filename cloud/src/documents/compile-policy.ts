import type { Catalogue } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import type { Instant, Mac } from '@khien/shared/id';
import {
  type Answer,
  DAY,
  type Holiday,
  type Policy,
  type Profile,
  policyBodySchema,
  profileSchema,
  type ZoneOffset,
} from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import { oldestDate } from '../holidays/holidays.ts';
import { BONUS_COUNTS } from '../households/bonuses.ts';
import { unlessOver } from '../households/profile-view.ts';
import { periodOf } from '../households/profiles.ts';
import type {
  BonusTable,
  DeviceMacTable,
  DeviceTable,
  HolidayTable,
  HouseholdTable,
  ProfileTable,
  RequestTable,
} from '../store/tables.ts';
import { studyNames } from './study-names.ts';

/** How long a child's page shows an answer. */
const ANSWER_SHOWN = DAY;
const MAX_ANSWERS = 64;
const MAX_KNOWN = 512;

type Row<Table, Column extends keyof Table> = Pick<Selectable<Table>, Column & keyof Selectable<Table>>;

/** A household's rows, as they are in the store. */
export interface HouseholdRows {
  readonly household: Row<HouseholdTable, 'zone' | 'language' | 'new_devices'>;
  readonly profiles: readonly Row<
    ProfileTable,
    'id' | 'name' | 'age_band' | 'rules' | 'pause' | 'extra_time' | 'learning'
  >[];
  /** Bonuses of lately. */
  readonly bonuses: readonly Row<BonusTable, 'id' | 'profile' | 'quota' | 'minutes' | 'at' | 'reason'>[];
  /** Those of a child, and those that the parents leave alone. */
  readonly devices: readonly Row<DeviceTable, 'id' | 'profile' | 'name' | 'hostname' | 'pause' | 'known'>[];
  readonly macs: readonly Row<DeviceMacTable, 'mac' | 'device'>[];
  readonly requests: readonly Row<
    RequestTable,
    'id' | 'profile' | 'granted' | 'answer_minutes' | 'reply' | 'answered_at'
  >[];
  readonly holidays: readonly Row<HolidayTable, 'id' | 'name' | 'from_date' | 'to_date'>[];
}

/**
 * What the routers of a household are to enforce. Nobody and nothing that is not managed is in it: only devices that
 * belong to a child, only children with a device, only the part of the catalogue that some child is kept from. Equal
 * rows give an equal policy, whatever order they are read in.
 *
 * @throws KhienError `POLICY_INVALID` where the rows make no valid policy
 */
export function compilePolicy(
  rows: HouseholdRows,
  catalogue: Catalogue,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Policy {
  const devices = rows.devices
    .flatMap((device) => {
      const macs = rows.macs.filter((row) => row.device === device.id).map((row) => row.mac);
      const name = device.name ?? device.hostname ?? macs[0];
      if (device.profile === null || name === undefined || macs.length === 0) return [];
      const pause = unlessOver(periodOf(device.pause), now);
      return [{ id: device.id, name, profile: device.profile, macs: macs.sort(), pause }];
    })
    .sort(byId);
  const managed = new Set(devices.map((device) => device.profile));
  const profiles = rows.profiles
    .filter((row) => managed.has(row.id))
    .map((row) => profileOf(row, rows.bonuses, now))
    .sort(byId);
  const named = namedBy(profiles);

  const policy = policyBodySchema.safeParse({
    zone: rows.household.zone,
    offsets,
    language: rows.household.language,
    profiles,
    devices,
    services: catalogue.services
      .filter((service) => named.services.has(service.id) || named.categories.has(service.category))
      .map(({ id, name, category, names }) => ({ id, name, category, names })),
    categories: catalogue.categories
      .filter((category) => named.categories.has(category.id))
      .map(({ id, name, bit }) => ({ id, name, bit })),
    answers: answersOf(rows.requests, managed, now),
    holidays: holidaysOf(rows.holidays, now),
    newDevices: rows.household.new_devices,
    known: knownMacs(rows),
    learningNames: profiles.some(studies) ? studyNames(catalogue) : [],
  });
  if (!policy.success) throw invalid(policy.error.issues[0]?.path);
  return policy.data;
}

/** What some child is kept from, or has a quota of. */
function namedBy(profiles: readonly Profile[]): { categories: Set<string>; services: Set<string> } {
  const targets = profiles.flatMap(({ rules }) => rules.quotas.map(({ of }) => of));
  const ids = (kind: 'category' | 'service') =>
    targets.flatMap((of) => (of.kind !== 'network' && of.kind === kind ? [of.id] : []));
  return {
    categories: new Set([...profiles.flatMap(({ rules }) => rules.blockedCategories), ...ids('category')]),
    services: new Set([...profiles.flatMap(({ rules }) => rules.blockedServices), ...ids('service')]),
  };
}

/** Whether a child has a learning mode now, or by a schedule. */
function studies({ learning, rules }: Profile): boolean {
  return learning !== null || rules.schedules.some(({ mode }) => mode === 'learning');
}

function holidaysOf(rows: HouseholdRows['holidays'], now: Instant): Holiday[] {
  const oldest = oldestDate(now);
  return rows
    .filter(({ to_date }) => to_date >= oldest)
    .sort((a, b) => compare(a.from_date, b.from_date) || compare(a.id, b.id))
    .map(({ name, from_date, to_date }) => ({ name, from: from_date, to: to_date }));
}

/** Addresses of what is nobody's and to be left alone. */
function knownMacs({ devices, macs }: HouseholdRows): Mac[] {
  const known = new Set(devices.filter((row) => row.known === 1 && row.profile === null).map(({ id }) => id));
  return macs
    .filter(({ device }) => known.has(device))
    .map(({ mac }) => mac)
    .sort()
    .slice(0, MAX_KNOWN);
}

function profileOf(
  row: HouseholdRows['profiles'][number],
  bonuses: HouseholdRows['bonuses'],
  now: Instant,
): Profile {
  const parsed = profileSchema.safeParse({
    id: row.id,
    name: row.name,
    ageBand: row.age_band,
    rules: JSON.parse(row.rules),
    pause: row.pause === null ? null : JSON.parse(row.pause),
    grant: row.extra_time === null ? null : JSON.parse(row.extra_time),
    learning: row.learning === null ? null : JSON.parse(row.learning),
    bonuses: bonuses
      .filter(({ profile }) => profile === row.id)
      .map(({ id, quota, minutes, at, reason }) => ({ id, quota, minutes, at, reason }))
      .sort(byId),
  });
  if (!parsed.success) throw invalid(['profiles', row.id, ...(parsed.error.issues[0]?.path ?? [])]);
  const { pause, grant, learning, bonuses: added, ...profile } = parsed.data;
  const quotas = new Set(profile.rules.quotas.map(({ id }) => id));
  return {
    ...profile,
    // What is over is left out, so that a router whose clock is behind does not see it begin again.
    pause: unlessOver(pause, now),
    grant: unlessOver(grant, now),
    learning: unlessOver(learning, now),
    bonuses: added.filter(({ quota, at }) => quotas.has(quota) && at > now - BONUS_COUNTS),
  };
}

function answersOf(rows: HouseholdRows['requests'], managed: ReadonlySet<string>, now: Instant): Answer[] {
  return rows
    .flatMap((row) => {
      if (row.answered_at === null || row.answered_at <= now - ANSWER_SHOWN) return [];
      if (row.granted === null || !managed.has(row.profile)) return [];
      return [
        {
          request: row.id,
          profile: row.profile,
          granted: row.granted === 1,
          minutes: row.answer_minutes ?? 0,
          reply: row.reply ?? '',
          at: row.answered_at,
        },
      ];
    })
    .sort((a, b) => b.at - a.at || (a.request < b.request ? 1 : -1))
    .slice(0, MAX_ANSWERS);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function invalid(path: readonly PropertyKey[] = []): KhienError {
  const where = path.join('.');
  return new KhienError('POLICY_INVALID', `the household makes no valid policy at ${where}`, {
    details: { where },
  });
}

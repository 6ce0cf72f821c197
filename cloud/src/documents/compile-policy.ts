import type { Catalogue } from '@khien/shared/catalogue';
import { KhienError } from '@khien/shared/error';
import type { Instant } from '@khien/shared/id';
import {
  type Answer,
  DAY,
  type Policy,
  type Profile,
  policyBodySchema,
  profileSchema,
  type ZoneOffset,
} from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import type {
  DeviceMacTable,
  DeviceTable,
  HouseholdTable,
  ProfileTable,
  RequestTable,
} from '../store/tables.ts';

/** How long a child's page shows an answer. */
const ANSWER_SHOWN = DAY;
const MAX_ANSWERS = 64;

type Row<Table, Column extends keyof Table> = Pick<Selectable<Table>, Column & keyof Selectable<Table>>;

/** A household's rows, as they are in the store. */
export interface HouseholdRows {
  readonly household: Row<HouseholdTable, 'zone' | 'language'>;
  readonly profiles: readonly Row<
    ProfileTable,
    'id' | 'name' | 'age_band' | 'rules' | 'pause' | 'extra_time'
  >[];
  readonly devices: readonly Row<DeviceTable, 'id' | 'profile' | 'name' | 'hostname'>[];
  readonly macs: readonly Row<DeviceMacTable, 'mac' | 'device'>[];
  readonly requests: readonly Row<
    RequestTable,
    'id' | 'profile' | 'granted' | 'answer_minutes' | 'reply' | 'answered_at'
  >[];
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
      return [{ id: device.id, name, profile: device.profile, macs: macs.sort() }];
    })
    .sort(byId);
  const managed = new Set(devices.map((device) => device.profile));
  const profiles = rows.profiles
    .filter((row) => managed.has(row.id))
    .map((row) => profileOf(row, now))
    .sort(byId);
  const blockedCategories = new Set(profiles.flatMap((profile) => profile.rules.blockedCategories));
  const blockedServices = new Set(profiles.flatMap((profile) => profile.rules.blockedServices));

  const policy = policyBodySchema.safeParse({
    zone: rows.household.zone,
    offsets,
    language: rows.household.language,
    profiles,
    devices,
    services: catalogue.services
      .filter((service) => blockedServices.has(service.id) || blockedCategories.has(service.category))
      .map(({ id, name, category, names }) => ({ id, name, category, names })),
    categories: catalogue.categories
      .filter((category) => blockedCategories.has(category.id))
      .map(({ id, name, bit }) => ({ id, name, bit })),
    answers: answersOf(rows.requests, managed, now),
  });
  if (!policy.success) throw invalid(policy.error.issues[0]?.path);
  return policy.data;
}

function profileOf(row: HouseholdRows['profiles'][number], now: Instant): Profile {
  const parsed = profileSchema.safeParse({
    id: row.id,
    name: row.name,
    ageBand: row.age_band,
    rules: JSON.parse(row.rules),
    pause: row.pause === null ? null : JSON.parse(row.pause),
    grant: row.extra_time === null ? null : JSON.parse(row.extra_time),
  });
  if (!parsed.success) throw invalid(['profiles', row.id, ...(parsed.error.issues[0]?.path ?? [])]);
  const { pause, grant, ...profile } = parsed.data;
  return {
    ...profile,
    // What is over is left out, so that a router whose clock is behind does not see it begin again.
    pause: pause !== null && pause.until !== null && pause.until <= now ? null : pause,
    grant: grant !== null && grant.until <= now ? null : grant,
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
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

function invalid(path: readonly PropertyKey[] = []): KhienError {
  const where = path.join('.');
  return new KhienError('POLICY_INVALID', `the household makes no valid policy at ${where}`, {
    details: { where },
  });
}

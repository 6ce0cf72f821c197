import { type Id, type Instant, idSchema } from '@khien/shared/id';
import {
  DAY,
  quotaDayAt,
  quotaTargetSchema,
  rulesSchema,
  sameTarget,
  type ZoneOffset,
} from '@khien/shared/policy';
import { z } from 'zod';
import type { Db } from '../store/open.ts';
import { loadTries, type Tries } from '../usage/tries.ts';
import type { WeekOfChild, WeekOfHome } from './schema.ts';
import { type Week, weekBefore } from './week.ts';

interface Span {
  readonly from: Instant;
  readonly to: Instant;
}
type Blocked = WeekOfChild['blocked'];

const spentSchema = z.object({ profile: idSchema, of: quotaTargetSchema });

/** The sums of a child's week. A quota day belongs to the date on which it starts, as in the report of each day. */
export async function summariseChild(
  db: Db,
  household: Id,
  profile: { readonly id: Id; readonly rules: string },
  week: Week,
  offsets: readonly ZoneOffset[],
): Promise<WeekOfChild> {
  const { id } = profile;
  const { quotaReset } = rulesSchema.parse(JSON.parse(profile.rules));
  const before = weekBefore(offsets, week);
  const dayOf = (at: Instant) => quotaDayAt(quotaReset, offsets, at).date;
  const minutes = await minutesOf(db, id, [...before.days, ...week.days]);
  // A quota day of Sunday may last until Monday's reset.
  const within = { from: before.from, to: week.to + DAY };
  const tries = await loadTries(db, { id, quotaReset }, offsets, within);
  const in_ = ({ days }: Week) => tries.filter(({ day }) => days.includes(day));
  const told = sumOf(in_(week));
  const toldBefore = sumOf(in_(before));
  return {
    days: week.days.map((day) => ({ day, minutes: minutes.get(day) ?? null })),
    minutes: totalOf(minutes, week),
    minutesBefore: totalOf(minutes, before),
    blocked: told.blocked,
    blockedBefore: Object.values(toldBefore.blocked).reduce((sum, one) => sum + one, 0),
    bypass: told.bypass,
    bypassBefore: toldBefore.bypass.tries,
    quotas: await quotasOf(db, household, id, week, dayOf),
    bonuses: await bonusesOf(db, id, week),
    requests: await requestsOf(db, household, id, week),
  };
}

async function minutesOf(db: Db, profile: Id, days: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('usage')
    .select(['day', 'minutes'])
    .where('profile', '=', profile)
    .where('target_kind', '=', 'network')
    .where('day', 'in', days)
    .execute();
  return new Map(rows.map(({ day, minutes }) => [day, minutes]));
}

function totalOf(minutes: ReadonlyMap<string, number>, { days }: Week): number | null {
  const told = days.flatMap((day) => minutes.get(day) ?? []);
  return told.length === 0 ? null : told.reduce((sum, one) => sum + one, 0);
}

function sumOf(told: readonly Tries[]): Pick<WeekOfChild, 'blocked' | 'bypass'> {
  const blocked: Blocked = { service: 0, category: 0, name: 0, quota: 0, learning: 0 };
  const bypass = { tries: 0, methods: new Set<string>() };
  for (const { kind, method, tries } of told) {
    if (kind === 'bypass') {
      bypass.tries += tries;
      if (method !== null) bypass.methods.add(method);
    } else {
      blocked[kind] += tries;
    }
  }
  return { blocked, bypass: { tries: bypass.tries, methods: [...bypass.methods].sort() } };
}

async function quotasOf(
  db: Db,
  household: Id,
  profile: Id,
  week: Week,
  dayOf: (at: Instant) => string,
): Promise<WeekOfChild['quotas']> {
  const rows = await db
    .selectFrom('event')
    .select(['payload', 'at'])
    .where('household', '=', household)
    // What was told late is of its own week, as long as that is summed up later.
    .where('received_at', '>=', week.from)
    .where('kind', '=', 'quota-spent')
    .orderBy('id')
    .execute();
  const found: { of: WeekOfChild['quotas'][number]['of']; days: Set<string> }[] = [];
  for (const { payload, at } of rows) {
    const spent = spentSchema.safeParse(JSON.parse(payload));
    const day = dayOf(at);
    if (spent.data?.profile !== profile || !week.days.includes(day)) continue;
    const { of } = spent.data;
    const quota = found.find((one) => sameTarget(one.of, of));
    if (quota === undefined) found.push({ of, days: new Set([day]) });
    else quota.days.add(day);
  }
  return found.map(({ of, days }) => ({ of, days: days.size }));
}

async function bonusesOf(db: Db, profile: Id, { from, to }: Span): Promise<WeekOfChild['bonuses']> {
  const rows = await db
    .selectFrom('bonus')
    .select('minutes')
    .where('profile', '=', profile)
    .where('at', '>=', from)
    .where('at', '<', to)
    .execute();
  return { count: rows.length, minutes: rows.reduce((sum, { minutes }) => sum + minutes, 0) };
}

async function requestsOf(
  db: Db,
  household: Id,
  profile: Id,
  { from, to }: Span,
): Promise<WeekOfChild['requests']> {
  const rows = await db
    .selectFrom('request')
    .select('granted')
    .where('household', '=', household)
    .where('profile', '=', profile)
    .where('ask', '=', 'time')
    .where('at', '>=', from)
    .where('at', '<', to)
    .execute();
  const count = (granted: number | null) => rows.filter((row) => row.granted === granted).length;
  return { granted: count(1), refused: count(0), open: count(null) };
}

export async function summariseHome(db: Db, household: Id, { from, to }: Span): Promise<WeekOfHome> {
  const { count } = await db
    .selectFrom('device')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('household', '=', household)
    .where('first_seen_at', '>=', from)
    .where('first_seen_at', '<', to)
    .executeTakeFirstOrThrow();
  return { newDevices: Number(count) };
}

import type { EventOf, KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { LanDevice } from '@khien/shared/topic';
import { raiseAlert } from '../alerts/alerts.ts';
import {
  notifyBypass,
  notifyChanged,
  notifyContested,
  notifyHindered,
  notifyQuota,
  notifyRequest,
  notifyResembles,
  settleHindered,
} from '../notifications/from-router.ts';
import { propose } from '../proposals/proposals.ts';
import type { Trx } from '../store/open.ts';
import { keyOf, saveBursts, type Try, triesKnown } from './bursts.ts';
import type { Changed, Changeset } from './changeset.ts';
import { byOurClock, isGuess, momentOf } from './clock.ts';
import { addDevice } from './devices.ts';
import { endResemblance, RESEMBLANCE_ENDED } from './resemblance.ts';
import type { Origin, Told } from './sender.ts';
import { saveUsage, type ToldUsage } from './usage.ts';

/** Events that are common enough to be written many at once. */
type Common = EventOf<'blocked' | 'bypass' | 'usage'>;
type Rare = Exclude<KhienEvent, Common>;

/** As the edge says it of a router that connects from two places. */
const CONTESTED = 'CONNECTION_CONTESTED';

/**
 * Brings what parents see in line with events that are new. What an event says of a profile or device counts only where
 * both are of the router's own household. Adds what changed for a parent's page.
 */
export async function project(
  trx: Trx,
  told: readonly Told[],
  changeset: Changeset,
  now: Instant,
): Promise<void> {
  const tries: Try[] = [];
  const usage: ToldUsage[] = [];
  const rare: Told<Rare>[] = [];
  for (const { by, event } of told) {
    if (event.kind === 'blocked' || event.kind === 'bypass') tries.push({ by, event });
    else if (event.kind === 'usage') {
      usage.push({ household: by.household, timeSource: event.timeSource, usage: event });
    } else rare.push({ by, event });
  }
  await projectTries(trx, await ofOwnChildren(trx, tries), changeset, now);
  for (const household of await saveUsage(trx, usage, now)) changeset.add(household, 'home');
  for (const { by, event } of rare) {
    const news = await projectRare(trx, by, event, now);
    changeset.add(by.household, ...news);
    if (news.length > 0 && (await tellPeople(trx, by, event, now))) {
      changeset.add(by.household, 'notifications');
    }
  }
}

async function projectTries(
  trx: Trx,
  tries: readonly Try[],
  changeset: Changeset,
  now: Instant,
): Promise<void> {
  const bypasses = tries.filter(({ event }) => event.kind === 'bypass');
  const known = await triesKnown(trx, bypasses);
  for (const household of await saveBursts(trx, tries, now)) changeset.add(household, 'activity');
  for (const { by, event } of tries) {
    if (event.kind !== 'bypass') continue;
    const key = keyOf({ by, event });
    const before = known.get(key) ?? 0;
    if (event.count <= before) continue;
    known.set(key, event.count);
    const told = { count: event.count - before, ...momentOf(event.at, event, now) };
    await notifyBypass(trx, by.household, event, told, now);
    changeset.add(by.household, 'notifications');
  }
}

async function ofOwnChildren(trx: Trx, tries: readonly Try[]): Promise<Try[]> {
  const profiles = await householdsOf(
    trx,
    'profile',
    tries.map(({ event }) => event.profile),
  );
  const devices = await householdsOf(
    trx,
    'device',
    tries.map(({ event }) => event.device),
  );
  return tries.filter(
    ({ by, event }) =>
      profiles.get(event.profile) === by.household && devices.get(event.device) === by.household,
  );
}

async function householdsOf(
  trx: Trx,
  table: 'profile' | 'device',
  ids: readonly Id[],
): Promise<ReadonlyMap<Id, Id>> {
  if (ids.length === 0) return new Map();
  const rows = await trx
    .selectFrom(table)
    .select(['id', 'household'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ id, household }) => [id, household]));
}

/** Notes what people are told of an event that changed something. Returns whether there is anything to tell. */
async function tellPeople(
  trx: Trx,
  { household, id: router }: Origin,
  event: Rare,
  now: Instant,
): Promise<boolean> {
  const moment = momentOf(event.at, event, now);
  switch (event.kind) {
    case 'request':
      await notifyRequest(trx, household, event, moment, now);
      return true;
    case 'quota-spent':
      await notifyQuota(trx, household, event, moment, now);
      return true;
    case 'device-resembles':
      await notifyResembles(trx, household, event, now);
      return true;
    case 'device-changed':
      await notifyChanged(trx, household, event.mac, moment, now);
      return true;
    case 'document-refused':
      await notifyHindered(trx, household, { router, by: 'document', code: event.code }, moment, now);
      return true;
    case 'document-applied':
      return settleHindered(trx, household, { router, by: 'document' }, now);
    case 'device-found':
      // `addDevice` told it.
      return true;
    case 'router':
      if (event.code === CONTESTED) await notifyContested(trx, household, router, now);
      return event.code === CONTESTED;
  }
}

async function projectRare(trx: Trx, by: Origin, event: Rare, now: Instant): Promise<readonly Changed[]> {
  switch (event.kind) {
    case 'quota-spent':
      return (await isChild(trx, by.household, event.profile)) ? ['home'] : [];
    case 'request':
      if (!(await isOfHousehold(trx, by.household, event))) return [];
      return (await saveRequest(trx, by, event, now)) ? ['home', 'requests'] : [];
    case 'device-found':
      return (await addDevice(trx, by.household, foundDevice(event, now), now)) ? ['home'] : [];
    case 'device-resembles':
      return (await propose(trx, by.household, dated(event, now), now)) ? ['home'] : [];
    case 'device-changed':
      return (await raiseAlert(trx, by.household, dated(event, now), now)) ? ['home'] : [];
    case 'document-applied':
      return (await saveApplied(trx, by, event, now)) ? ['home'] : [];
    case 'document-refused':
      return (await saveRefusal(trx, by, event, now)) ? ['home'] : [];
    case 'router':
      if (event.code === RESEMBLANCE_ENDED) {
        return (await endResemblance(trx, by.household, event)) ? ['home', 'notifications'] : [];
      }
      return event.code === CONTESTED ? ['notifications'] : [];
  }
}

function dated<E extends KhienEvent>(event: E, now: Instant): E {
  return { ...event, at: byOurClock(event.at, event, now) };
}

function foundDevice(event: EventOf<'device-found'>, now: Instant): LanDevice {
  const { mac, hostname, fingerprint } = event;
  const lastSeenAt = byOurClock(event.at, event, now);
  return { mac, hostname, fingerprint, addresses: [], present: false, lastSeenAt };
}

async function isChild(trx: Trx, household: Id, profile: Id): Promise<boolean> {
  const row = await trx
    .selectFrom('profile')
    .select('id')
    .where('household', '=', household)
    .where('id', '=', profile)
    .executeTakeFirst();
  return row !== undefined;
}

async function isOfHousehold(trx: Trx, household: Id, of: { profile: Id; device: Id }): Promise<boolean> {
  const row = await trx
    .selectFrom('profile')
    .innerJoin('device', 'device.household', 'profile.household')
    .select('profile.id')
    .where('profile.household', '=', household)
    .where('profile.id', '=', of.profile)
    .where('device.id', '=', of.device)
    .executeTakeFirst();
  return row !== undefined;
}

async function saveRequest(
  trx: Trx,
  { household }: Origin,
  event: EventOf<'request'>,
  now: Instant,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('request')
    .values({
      id: event.request,
      household,
      profile: event.profile,
      device: event.device,
      ask: event.ask,
      minutes: event.ask === 'time' ? event.minutes : 0,
      ...(event.ask === 'time' &&
        event.quota && { target_kind: event.quota.kind, target_id: event.quota.id }),
      text: event.text,
      at: byOurClock(event.at, event, now),
      at_guessed: isGuess(event.at, event, now) ? 1 : 0,
    })
    .onConflict((conflict) => conflict.columns(['household', 'id']).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The version in force only grows here; when a router lost it, its `hello` says so. */
async function saveApplied(
  trx: Trx,
  { id }: Origin,
  event: EventOf<'document-applied'>,
  now: Instant,
): Promise<boolean> {
  const column = `${event.document}_in_force` as const;
  const applied = await trx
    .updateTable('router')
    .set({ [column]: event.version })
    .where('id', '=', id)
    .where((eb) => eb.or([eb(column, 'is', null), eb(column, '<', event.version)]))
    .executeTakeFirst();
  const cleared = await trx
    .updateTable('router')
    .set({ refusal_code: null, refusal_at: null })
    .where('id', '=', id)
    .where('refusal_at', '<=', byOurClock(event.at, event, now))
    .executeTakeFirst();
  return applied.numUpdatedRows > 0n || cleared.numUpdatedRows > 0n;
}

/** Unless a later document went into force already, which the router told before this. */
async function saveRefusal(
  trx: Trx,
  { id }: Origin,
  event: EventOf<'document-refused'>,
  now: Instant,
): Promise<boolean> {
  const overtaken = await trx
    .selectFrom('event')
    .select('id')
    .where('router', '=', id)
    .where('id', '>', event.id)
    .where('kind', '=', 'document-applied')
    .executeTakeFirst();
  if (overtaken !== undefined) return false;
  const at = byOurClock(event.at, event, now);
  const { numUpdatedRows } = await trx
    .updateTable('router')
    .set({ refusal_code: event.code, refusal_at: at })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('refusal_at', 'is', null), eb('refusal_at', '<', at)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

import type { EventOf, KhienEvent } from '@khien/shared/event';
import type { Id, Instant } from '@khien/shared/id';
import type { LanDevice } from '@khien/shared/topic';
import { raiseAlert } from '../alerts/alerts.ts';
import type { HouseholdChange } from '../changes.ts';
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
import type { BurstTable } from '../store/tables.ts';
import { byOurClock } from './clock.ts';
import { addDevice } from './devices.ts';
import type { Sender } from './sender.ts';
import { saveUsage } from './usage.ts';

interface BurstTarget {
  readonly kind: BurstTable['target_kind'];
  readonly id: string;
  readonly name: string;
}
type Changed = HouseholdChange['changed'];

/** As the edge says it of a router that connects from two places. */
const CONTESTED = 'CONNECTION_CONTESTED';

/**
 * Brings what parents see in line with events that are new. What an event says of a profile or device counts only where
 * both are of the router's own household. Returns what changed for a parent's page.
 */
export async function project(
  trx: Trx,
  sender: Sender,
  events: readonly KhienEvent[],
  now: Instant,
): Promise<ReadonlySet<Changed>> {
  const changed = new Set<Changed>();
  const ours = new Map<string, boolean>();
  for (const event of events) {
    if ('profile' in event && 'device' in event) {
      const child = `${event.profile} ${event.device}`;
      const known = ours.get(child) ?? (await isOfHousehold(trx, sender.household, event));
      ours.set(child, known);
      if (!known) continue;
    }
    const before = event.kind === 'bypass' ? await triesOf(trx, sender.household, event.burst) : 0;
    const news = await projectOne(trx, sender, event, now);
    for (const one of news) changed.add(one);
    if (news.length > 0 && (await tellPeople(trx, sender, event, before, now))) changed.add('notifications');
  }
  return changed;
}

/**
 * Notes what people are told of an event that changed something. Returns whether there is anything to tell.
 *
 * @param before how many tries of the same burst were known
 */
async function tellPeople(
  trx: Trx,
  { household, id: router }: Sender,
  event: KhienEvent,
  before: number,
  now: Instant,
): Promise<boolean> {
  const at = byOurClock(event.at, event, now);
  switch (event.kind) {
    case 'request':
      await notifyRequest(trx, household, event, at, now);
      return true;
    case 'bypass':
      if (event.count <= before) return false;
      await notifyBypass(trx, household, event, { count: event.count - before, at }, now);
      return true;
    case 'quota-spent':
      await notifyQuota(trx, household, event, at, now);
      return true;
    case 'device-resembles':
      await notifyResembles(trx, household, event, now);
      return true;
    case 'device-changed':
      await notifyChanged(trx, household, { mac: event.mac, at }, now);
      return true;
    case 'document-refused':
      await notifyHindered(trx, household, { router, by: 'document', code: event.code }, at, now);
      return true;
    case 'document-applied':
      return settleHindered(trx, household, { router, by: 'document' }, now);
    case 'device-found':
      // `addDevice` told it.
      return true;
    case 'router':
      if (event.code === CONTESTED) await notifyContested(trx, household, router, now);
      return event.code === CONTESTED;
    case 'blocked':
    case 'usage':
      return false;
  }
}

async function triesOf(trx: Trx, household: Id, burst: Id): Promise<number> {
  const row = await trx
    .selectFrom('burst')
    .select('tries')
    .where('household', '=', household)
    .where('id', '=', burst)
    .executeTakeFirst();
  return row?.tries ?? 0;
}

async function projectOne(
  trx: Trx,
  sender: Sender,
  event: KhienEvent,
  now: Instant,
): Promise<readonly Changed[]> {
  switch (event.kind) {
    case 'blocked':
      return (await saveBurst(trx, sender, event, event.target, now)) ? ['activity'] : [];
    case 'bypass':
      return (await saveBurst(trx, sender, event, bypassTarget(event), now)) ? ['activity'] : [];
    case 'usage':
      return (await saveUsage(trx, sender.household, event, [event], now)) ? ['home'] : [];
    case 'quota-spent':
      return (await isChild(trx, sender.household, event.profile)) ? ['home'] : [];
    case 'request':
      return (await saveRequest(trx, sender, event, now)) ? ['home', 'requests'] : [];
    case 'device-found':
      return (await addDevice(trx, sender.household, foundDevice(event, now), now)) ? ['home'] : [];
    case 'device-resembles':
      return (await propose(trx, sender.household, dated(event, now), now)) ? ['home'] : [];
    case 'device-changed':
      return (await raiseAlert(trx, sender.household, dated(event, now), now)) ? ['home'] : [];
    case 'document-applied':
      return (await saveApplied(trx, sender, event, now)) ? ['home'] : [];
    case 'document-refused':
      return (await saveRefusal(trx, sender, event, now)) ? ['home'] : [];
    case 'router':
      return event.code === CONTESTED ? ['notifications'] : [];
  }
}

/** A way round the rules as the table of bursts has it. */
function bypassTarget({ method, service }: EventOf<'bypass'>): BurstTarget {
  return { kind: 'bypass', id: method, name: service ?? '' };
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

/** Later events of a burst say more of it; when they come out of order, the larger count and the wider span stay. */
async function saveBurst(
  trx: Trx,
  { household }: Sender,
  event: EventOf<'blocked' | 'bypass'>,
  target: BurstTarget,
  now: Instant,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('burst')
    .values({
      id: event.burst,
      household,
      profile: event.profile,
      device: event.device,
      target_kind: target.kind,
      target_id: target.id,
      target_name: target.name,
      tries: event.count,
      first_at: byOurClock(event.firstAt, event, now),
      last_at: byOurClock(event.lastAt, event, now),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['household', 'id'])
        .doUpdateSet((eb) => ({
          tries: eb
            .case()
            .when('excluded.tries', '>', eb.ref('burst.tries'))
            .then(eb.ref('excluded.tries'))
            .else(eb.ref('burst.tries'))
            .end(),
          last_at: eb
            .case()
            .when('excluded.last_at', '>', eb.ref('burst.last_at'))
            .then(eb.ref('excluded.last_at'))
            .else(eb.ref('burst.last_at'))
            .end(),
        }))
        .where((eb) =>
          eb.or([
            eb('excluded.tries', '>', eb.ref('burst.tries')),
            eb('excluded.last_at', '>', eb.ref('burst.last_at')),
          ]),
        ),
    )
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

async function saveRequest(
  trx: Trx,
  { household }: Sender,
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
      text: event.text,
      at: byOurClock(event.at, event, now),
    })
    .onConflict((conflict) => conflict.columns(['household', 'id']).doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The version in force only grows here; when a router lost it, its `hello` says so. */
async function saveApplied(
  trx: Trx,
  { id }: Sender,
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
  { id }: Sender,
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

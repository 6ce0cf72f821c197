import { categoryById, serviceById } from '@khien/shared/catalogue';
import type { Id } from '@khien/shared/id';
import type { PartTarget } from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import { type About, aboutOf, type NotificationKind } from '../notifications/about.ts';
import { readUntil } from '../notifications/feed.ts';
import type { Line } from '../notifications/notify.ts';
import { loadSettings, type Person } from '../notifications/settings.ts';
import { settledOf } from '../notifications/standing.ts';
import type { Db } from '../store/open.ts';
import type { DeliveryTable } from '../store/tables.ts';
import { DIGEST } from './fan-out.ts';
import { en } from './language/en.ts';
import { type PushTexts, vi } from './language/vi.ts';
import type { Push } from './sender.ts';

const languages: Readonly<Record<'vi' | 'en', PushTexts>> = { vi, en };

const HOUR = 3600;
/** How long a push is worth being told, seconds; half a day unless said. */
const ttl: Readonly<Partial<Record<NotificationKind, number>>> = { help: 24 * HOUR, weekly: 48 * HOUR };
const urgent: ReadonlySet<NotificationKind> = new Set(['help', 'request']);

/** What the service worker shows (`cloud/web/src/worker`). */
interface Payload {
  readonly title: string;
  readonly body: string;
  /** The page that it opens. */
  readonly url: string;
  /** A later one with the same tag takes its place. */
  readonly tag: string;
}

/**
 * What is to be said now for a delivery, in the person's language; null where nothing is any more: it was answered
 * meanwhile, read, or switched off.
 */
export async function composePush(db: Db, delivery: Selectable<DeliveryTable>): Promise<Push | null> {
  const { household, account, subject, id } = delivery;
  const member = await db
    .selectFrom('member')
    .innerJoin('account', 'account.id', 'member.account')
    .select(['member.role', 'account.language'])
    .where('member.household', '=', household)
    .where('member.account', '=', account)
    .executeTakeFirst();
  if (member === undefined) return null;
  const texts = languages[member.language];
  if (subject === 'test') {
    const payload = { title: texts.title, body: texts.test, url: '/notifications/settings', tag: 'test' };
    return pushOf(payload, { ttl: 60, urgency: 'high', topic: id });
  }
  const person: Person = { household, account, role: member.role };
  const lines = await linesOf(db, person, delivery);
  const [line] = lines;
  if (line === undefined) return null;
  const { details } = await loadSettings(db, person);
  if (lines.length > 1) {
    const body = texts.digest(lines.length);
    const payload = { title: texts.title, body, url: '/notifications', tag: DIGEST };
    return pushOf(payload, { ttl: 12 * HOUR, urgency: 'normal', topic: id });
  }
  const about = aboutOf(line.details);
  const body = details ? await toldOf(db, texts, line, about) : plainOf(texts, line, about);
  return pushOf(
    { title: texts.title, body, url: pageOf(about), tag: line.id },
    {
      ttl: ttl[about.kind] ?? 12 * HOUR,
      urgency: urgent.has(about.kind) ? 'high' : 'normal',
      topic: line.id,
    },
  );
}

function pushOf(payload: Payload, how: Omit<Push, 'payload'>): Push {
  return { payload: JSON.stringify({ ...payload, body: payload.body.slice(0, 300) }), ...how };
}

/** What a delivery still has to tell, the newest first: its notification, or of a digest those that nobody has seen. */
async function linesOf(db: Db, person: Person, delivery: Selectable<DeliveryTable>): Promise<Line[]> {
  const { household } = person;
  const { channels } = await loadSettings(db, person);
  let select = db.selectFrom('notification').selectAll().where('household', '=', household);
  if (delivery.notification !== null) {
    select = select.where('id', '=', delivery.notification);
  } else {
    const seen = Math.max(await readUntil(db, person), delivery.from_sequence - 1);
    select = select
      .where('sequence', '>', seen)
      .where('pushed_at', 'is not', null)
      .where('kind', '!=', 'help');
  }
  const lines = await select.orderBy('sequence', 'desc').execute();
  const settled = await settledOf(db, household, lines);
  return lines.filter(({ id, details, kind }) => {
    const over = settled.has(id) && kind !== 'router-offline';
    return !over && channels[aboutOf(details).kind] === 'push';
  });
}

function plainOf(texts: PushTexts, line: Line, { kind }: About): string {
  return kind === 'router-offline' && line.settled_at !== null ? texts.routerBack : texts.plain[kind];
}

async function toldOf(db: Db, texts: PushTexts, line: Line, about: About): Promise<string> {
  const { told, plain } = texts;
  const child = async () => (await nameOf(db, 'profile', line.profile)) ?? texts.someone;
  const router = async () => (await nameOf(db, 'router', line.router)) ?? '';
  switch (about.kind) {
    case 'help':
      return told.help(await child());
    case 'request':
      return told.request(await child(), about.minutes, about.of && partName(about.of, texts.language));
    case 'bypass':
      return told.bypass(await child());
    case 'quota':
      return told.quota(await child());
    case 'new-device': {
      if (about.proposal !== null) return told.resembles(await child());
      const [first] = about.devices;
      if (about.devices.length > 1 || first === undefined) return told.newDevices(about.devices.length);
      return told.newDevice((await deviceName(db, first)) ?? texts.device);
    }
    case 'device-changed':
      return told.changed((await nameOfMac(db, line.household, about.mac)) ?? about.mac);
    case 'router-offline':
      return line.settled_at === null ? told.routerOffline(await router()) : told.routerBack(await router());
    case 'rules-failing':
      return told.rulesFailing(await router());
    case 'list-old':
    case 'connection-contested':
    case 'webhook-off':
    case 'weekly':
      return plain[about.kind];
  }
}

/** As the catalogue calls it; what it does not know goes by its id. */
function partName({ kind, id }: PartTarget, language: 'vi' | 'en'): string {
  return (kind === 'service' ? serviceById(id) : categoryById(id))?.name[language] ?? id;
}

async function nameOf(db: Db, table: 'profile' | 'router', id: Id | null): Promise<string | undefined> {
  if (id === null) return undefined;
  const row = await db.selectFrom(table).select('name').where('id', '=', id).executeTakeFirst();
  return row?.name;
}

async function deviceName(db: Db, id: Id): Promise<string | undefined> {
  const row = await db
    .selectFrom('device')
    .select(['name', 'hostname'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.name ?? row?.hostname ?? undefined;
}

async function nameOfMac(db: Db, household: Id, mac: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('device_mac')
    .select('device')
    .where('household', '=', household)
    .where('mac', '=', mac)
    .executeTakeFirst();
  return row === undefined ? undefined : deviceName(db, row.device);
}

/** Where what a push tells is dealt with. */
function pageOf(about: About): string {
  switch (about.kind) {
    case 'help':
    case 'request':
      return '/requests';
    case 'bypass':
      return '/activity';
    case 'new-device':
    case 'device-changed':
      return '/devices';
    case 'weekly':
      return '/weekly';
    case 'webhook-off':
      return '/developers';
    case 'quota':
      return '/';
    case 'router-offline':
    case 'rules-failing':
    case 'list-old':
    case 'connection-contested':
      return '/notifications';
  }
}

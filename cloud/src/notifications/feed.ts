import type { Id } from '@khien/shared/id';
import { notFound } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import { aboutOf, type NotificationKind, notificationKinds } from './about.ts';
import { type Line, latestSequence } from './notify.ts';
import type { NotificationPage, NotificationView } from './schema.ts';
import { loadSettings, type Person } from './settings.ts';
import { settledOf } from './standing.ts';

/** @throws KhienError `NOT_FOUND` for who is no member: only members are told anything */
export async function findPerson(db: Db, household: Id, account: Id): Promise<Person> {
  const member = await db
    .selectFrom('member')
    .select('role')
    .where('household', '=', household)
    .where('account', '=', account)
    .executeTakeFirst();
  if (member === undefined) throw notFound('member');
  return { household, account, role: member.role };
}

/** Newest first, without what the person does not want to hear of. */
export async function loadFeed(
  db: Db,
  person: Person,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<NotificationPage> {
  const { household } = person;
  const kinds = await kindsFor(db, person);
  const mark = await readUntil(db, person);
  let select = db
    .selectFrom('notification')
    .selectAll()
    .where('household', '=', household)
    .where('kind', 'in', kinds);
  if (before !== undefined) {
    const [at = '', id = ''] = before.split('.');
    select = select.where((eb) =>
      eb.or([eb('at', '<', Number(at)), eb.and([eb('at', '=', Number(at)), eb('id', '<', id)])]),
    );
  }
  const rows = await select
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const lines = rows.slice(0, limit);
  const settled = await settledOf(db, household, lines);
  const last = lines.at(-1);
  return {
    items: lines.map((line) => viewOf(line, { unread: line.sequence > mark, settled: settled.has(line.id) })),
    next: rows.length > limit && last !== undefined ? `${last.at}.${last.id}` : null,
    unread: await countUnread(db, household, kinds, mark),
  };
}

function viewOf(line: Line, state: { unread: boolean; settled: boolean }): NotificationView {
  const { id, profile, router, count, sequence } = line;
  return {
    id,
    about: aboutOf(line.details),
    profile,
    router,
    count,
    firstAt: line.first_at,
    at: line.at,
    guessed: line.at_guessed === 1,
    sequence,
    ...state,
    settledAt: line.settled_at,
  };
}

async function kindsFor(db: Db, person: Person): Promise<NotificationKind[]> {
  const { channels } = await loadSettings(db, person);
  return notificationKinds.filter((kind) => channels[kind] !== 'off');
}

/** 0 for who has never looked. */
export async function readUntil(db: Db, { household, account }: Person): Promise<number> {
  const row = await db
    .selectFrom('notification_mark')
    .select('read_until')
    .where('household', '=', household)
    .where('account', '=', account)
    .executeTakeFirst();
  return row?.read_until ?? 0;
}

async function countUnread(
  db: Db,
  household: Id,
  kinds: readonly NotificationKind[],
  mark: number,
): Promise<number> {
  const { count } = await db
    .selectFrom('notification')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('household', '=', household)
    .where('sequence', '>', mark)
    .where('kind', 'in', kinds)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The person has seen all up to `sequence`. A mark never goes back, nor beyond what there is. */
export async function markRead(db: Db, person: Person, sequence: number): Promise<void> {
  const { household, account } = person;
  const until = Math.min(sequence, await latestSequence(db, household));
  await db
    .insertInto('notification_mark')
    .values({ household, account, read_until: until })
    .onConflict((conflict) =>
      conflict
        .columns(['household', 'account'])
        .doUpdateSet({ read_until: until })
        .where('notification_mark.read_until', '<', until),
    )
    .execute();
}

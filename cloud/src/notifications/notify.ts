import { type Id, type Instant, newId } from '@khien/shared/id';
import type { Selectable } from 'kysely';
import type { Db, Trx } from '../store/open.ts';
import type { NotificationTable } from '../store/tables.ts';
import { queueMessages } from '../webhooks/queue.ts';
import { type About, aboutOf, type NotificationKind } from './about.ts';

/** Lines that a household has at most; beyond it the oldest makes room. */
export const MAX_LINES = 300;

export type Line = Selectable<NotificationTable>;

/** When something happened. */
export interface Moment {
  /** By our clock. */
  readonly at: Instant;
  /** Whether `at` can only be near, because the clock of the router that told it was wrong. */
  readonly guessed?: boolean;
}

/** Something that people of a household are told of. */
export interface Occurrence<A extends About = About> extends Moment {
  readonly about: A;
  /** By this and the kind the line is found to which it may be added. */
  readonly subject: string;
  readonly profile?: Id;
  readonly router?: Id;
  /** How often; once unless told. */
  readonly count?: number;
  /** When it is to be pushed; null for in the app alone. */
  readonly pushAt: Instant | null;
  /** Whether it is added to the newest line of its subject, instead of beginning one. */
  readonly joins?: (line: Line) => boolean;
  /** What a line that it is added to is about then. */
  readonly combine?: (before: About) => About;
}

/**
 * Notes an occurrence in the transaction of what causes it, so that neither is there without the other. What happens
 * again makes one line grow, and is not pushed a second time.
 */
export async function notify(trx: Trx, household: Id, occurrence: Occurrence, now: Instant): Promise<void> {
  const { about, subject, at, pushAt, count = 1 } = occurrence;
  const guessed = occurrence.guessed === true ? 1 : 0;
  const last = await newestLine(trx, household, about.kind, subject);
  const sequence = await nextSequence(trx, household);
  if (last !== undefined && occurrence.joins?.(last)) {
    await trx
      .updateTable('notification')
      .set({
        details: JSON.stringify(occurrence.combine?.(aboutOf(last.details)) ?? about),
        count: last.count + count,
        first_at: Math.min(last.first_at, at),
        ...(at > last.at && { at, at_guessed: guessed }),
        sequence,
        settled_at: null,
        push_at: last.pushed_at === null ? (last.push_at ?? pushAt) : null,
      })
      .where('id', '=', last.id)
      .execute();
    return;
  }
  const id = newId(now);
  await trx
    .insertInto('notification')
    .values({
      id,
      household,
      kind: about.kind,
      subject,
      profile: occurrence.profile ?? null,
      router: occurrence.router ?? null,
      details: JSON.stringify(about),
      count,
      first_at: at,
      at,
      at_guessed: guessed,
      sequence,
      push_at: pushAt,
    })
    .execute();
  await makeRoom(trx, household);
  await queueMessages(trx, household, { id, kind: about.kind, due: pushAt ?? now }, now);
}

/**
 * What a line is about is over: the router is back, the rules hold. A line that is over before anybody was pushed it was
 * not worth a word, and goes. Returns whether there was one.
 *
 * @param pushAgain when people who were pushed it are told that it is over
 */
export async function settle(
  trx: Trx,
  household: Id,
  of: { readonly kind: NotificationKind; readonly subject: string },
  now: Instant,
  pushAgain: (line: Line) => Instant | null = () => null,
): Promise<boolean> {
  const line = await newestLine(trx, household, of.kind, of.subject);
  if (line === undefined || line.settled_at !== null) return false;
  if (line.pushed_at === null && line.push_at !== null) {
    await trx.deleteFrom('notification').where('id', '=', line.id).execute();
    return true;
  }
  const sequence = await nextSequence(trx, household);
  const again = line.pushed_at === null ? null : pushAgain(line);
  await trx
    .updateTable('notification')
    .set({ settled_at: now, sequence, push_at: again })
    .where('id', '=', line.id)
    .execute();
  if (again !== null) await queueMessages(trx, household, { id: line.id, kind: of.kind, due: again }, now);
  return true;
}

export function newestLine(
  db: Db,
  household: Id,
  kind: NotificationKind,
  subject: string,
): Promise<Line | undefined> {
  return db
    .selectFrom('notification')
    .selectAll()
    .where('household', '=', household)
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function nextSequence(trx: Trx, household: Id): Promise<number> {
  return (await latestSequence(trx, household)) + 1;
}

/** The sequence of the last change; 0 where there is none. */
export async function latestSequence(db: Db, household: Id): Promise<number> {
  const row = await db
    .selectFrom('notification')
    .select('sequence')
    .where('household', '=', household)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.sequence ?? 0;
}

/** A child's call for help that nobody was pushed yet stays, whatever else comes. */
async function makeRoom(trx: Trx, household: Id): Promise<void> {
  const over = await trx
    .selectFrom('notification')
    .select('sequence')
    .where('household', '=', household)
    .orderBy('sequence', 'desc')
    .offset(MAX_LINES)
    .limit(1)
    .executeTakeFirst();
  if (over === undefined) return;
  await trx
    .deleteFrom('notification')
    .where('household', '=', household)
    .where('sequence', '<=', over.sequence)
    .where((eb) => eb.or([eb('kind', '!=', 'help'), eb('push_at', 'is', null)]))
    .execute();
}

import type { Id } from '@khien/shared/id';
import { notFound } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import type { RequestView } from './schema.ts';

/** A child's latest; older ones have no more to say to a parent. */
const NEWEST = 200;

function selectRequests(db: Db, household: Id) {
  return db
    .selectFrom('request')
    .leftJoin('account', 'account.id', 'request.answered_by')
    .selectAll('request')
    .select('account.name as answered_by_name')
    .where('request.household', '=', household);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectRequests>['executeTakeFirstOrThrow']>>;

/** Newest first. */
export async function listRequests(db: Db, household: Id): Promise<RequestView[]> {
  const rows = await selectRequests(db, household).orderBy('request.id', 'desc').limit(NEWEST).execute();
  return rows.map(requestView);
}

/** Those that wait for an answer, oldest first. */
export async function listOpenRequests(db: Db, household: Id): Promise<RequestView[]> {
  const rows = await selectRequests(db, household)
    .where('request.answered_at', 'is', null)
    .orderBy('request.id')
    .limit(NEWEST)
    .execute();
  return rows.map(requestView);
}

/** @throws KhienError `NOT_FOUND`, also for a request of another household */
export async function findRequest(db: Db, household: Id, id: Id): Promise<RequestView> {
  const row = await selectRequests(db, household).where('request.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('request');
  return requestView(row);
}

function requestView(row: Row): RequestView {
  const { id, profile, device, ask, minutes, text, at } = row;
  const answer =
    row.answered_at === null
      ? null
      : {
          granted: row.granted === 1,
          minutes: row.answer_minutes ?? 0,
          reply: row.reply ?? '',
          at: row.answered_at,
          by: row.answered_by_name ?? '',
        };
  return { id, profile, device, ask, minutes, text, at, answer };
}

import type { Id } from '@khien/shared/id';
import { notFound } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import type { RequestPage, RequestView } from './schema.ts';

/** More than anybody leaves unanswered. */
const OPEN_AT_ONCE = 200;

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
export async function loadRequests(
  db: Db,
  household: Id,
  { before, limit }: { readonly before?: Id | undefined; readonly limit: number },
): Promise<RequestPage> {
  let select = selectRequests(db, household);
  if (before !== undefined) select = select.where('request.id', '<', before);
  const rows = await select
    .orderBy('request.id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(requestView);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** Those that wait for an answer, oldest first. */
export async function listOpenRequests(db: Db, household: Id): Promise<RequestView[]> {
  const rows = await selectRequests(db, household)
    .where('request.answered_at', 'is', null)
    .orderBy('request.id')
    .limit(OPEN_AT_ONCE)
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
  const { id, profile, device, ask, minutes, text, at, target_kind: kind, target_id: target } = row;
  const quota = kind === null || target === null ? null : { kind, id: target };
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
  return { id, profile, device, ask, minutes, quota, text, at, guessed: row.at_guessed === 1, answer };
}

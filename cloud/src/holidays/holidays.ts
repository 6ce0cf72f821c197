import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { DAY, localDateOf } from '@khien/shared/policy';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import { notFound } from '../http/problem.ts';
import type { Db, Trx } from '../store/open.ts';
import type { HolidayTable } from '../store/tables.ts';
import type { HolidayView, holidayRequestSchema } from './schema.ts';

/** As many as a policy document holds. */
export const MAX_HOLIDAYS = 128;

/** Those of today and to come, by date; what is over is of no use to anybody. */
export async function listHolidays(db: Db, household: Id, now: Instant): Promise<HolidayView[]> {
  const rows = await db
    .selectFrom('holiday')
    .selectAll()
    .where('household', '=', household)
    .where('to_date', '>=', oldestDate(now))
    .orderBy('from_date')
    .orderBy('id')
    .execute();
  return rows.map(holidayView);
}

/** Before this local date a holiday is over in every zone, for windows past midnight too. */
export function oldestDate(now: Instant): string {
  return localDateOf(now - 2 * DAY);
}

/** @throws KhienError `LIMIT_REACHED` */
export async function addHoliday(
  trx: Trx,
  household: Id,
  holiday: z.output<typeof holidayRequestSchema>,
  now: Instant,
): Promise<HolidayView> {
  await trx
    .deleteFrom('holiday')
    .where('household', '=', household)
    .where('to_date', '<', oldestDate(now))
    .execute();
  const { count } = await trx
    .selectFrom('holiday')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('household', '=', household)
    .executeTakeFirstOrThrow();
  if (count >= MAX_HOLIDAYS) {
    throw new KhienError('LIMIT_REACHED', `a household has ${MAX_HOLIDAYS} holidays at most`);
  }
  const id = newId(now);
  const row = { id, household, ...columnsOf(holiday) };
  await trx.insertInto('holiday').values(row).execute();
  return holidayView(row);
}

/** @throws KhienError `NOT_FOUND`, also for a holiday of another household */
export async function changeHoliday(
  trx: Trx,
  household: Id,
  id: Id,
  holiday: z.output<typeof holidayRequestSchema>,
): Promise<HolidayView> {
  const row = await trx
    .updateTable('holiday')
    .set(columnsOf(holiday))
    .where('household', '=', household)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw notFound('holiday');
  return holidayView(row);
}

/** @throws KhienError `NOT_FOUND` */
export async function deleteHoliday(trx: Trx, household: Id, id: Id): Promise<void> {
  const { numDeletedRows } = await trx
    .deleteFrom('holiday')
    .where('household', '=', household)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('holiday');
}

function columnsOf({ name, from, to }: z.output<typeof holidayRequestSchema>) {
  return { name, from_date: from, to_date: to };
}

function holidayView({ id, name, from_date, to_date }: Selectable<HolidayTable>): HolidayView {
  return { id, name, from: from_date, to: to_date };
}

import { type Id, type Instant, newId } from '@khien/shared/id';
import { nameOf } from '../audit/audit.ts';
import type { Db, Trx } from '../store/open.ts';
import { type DutyChange, type DutyChangesPage, type DutyView, dutyChangeSchema } from './schema.ts';

/** In the same log as what families read, under no household. */
export async function recordDutyChange(
  trx: Trx,
  change: { readonly kind: DutyChange['kind']; readonly by: Id | null },
  duty: DutyView,
  now: Instant,
): Promise<void> {
  await trx
    .insertInto('audit')
    .values({
      id: newId(now),
      at: now,
      account: change.by,
      name: change.by === null ? '' : await nameOf(trx, change.by),
      acting_as: 'administrator',
      organisation: duty.of,
      kind: `${duty.kind}-${change.kind}`,
      about: duty.name,
    })
    .execute();
}

/** Newest first. */
export async function listDutyChanges(
  db: Db,
  { before, limit }: { readonly before?: Id | undefined; readonly limit: number },
): Promise<DutyChangesPage> {
  let select = db.selectFrom('audit').selectAll().where('household', 'is', null);
  if (before !== undefined) select = select.where('id', '<', before);
  const rows = await select
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(({ id, at, name, kind, about, organisation }) => {
    const [duty = '', ...rest] = kind.split('-');
    return dutyChangeSchema.parse({
      id,
      at,
      name,
      kind: rest.join('-'),
      duty,
      about: about ?? '',
      of: organisation,
    });
  });
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

import type { Id } from '@khien/shared/id';
import type { Selectable } from 'kysely';
import type { z } from 'zod';
import type { Db } from '../store/open.ts';
import type { AuditTable } from '../store/tables.ts';
import {
  type AuditItem,
  type AuditPage,
  auditItemSchema,
  type auditQuerySchema,
  lookSchema,
} from './schema.ts';

/** Newest first, by the id, which sorts by time. */
export async function loadAuditPage(
  db: Db,
  household: Id,
  { before, limit }: z.output<typeof auditQuerySchema>,
): Promise<AuditPage> {
  let select = db.selectFrom('audit').selectAll().where('household', '=', household);
  if (before !== undefined) select = select.where('id', '<', before);
  const rows = await select
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(auditItem);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

function auditItem(row: Selectable<AuditTable>): AuditItem {
  const looked = row.kind === 'looked';
  return {
    id: row.id,
    at: row.at,
    name: row.name,
    actingAs: row.acting_as,
    organisation: row.organisation,
    kind: auditItemSchema.shape.kind.parse(row.kind),
    look: looked ? lookSchema.parse(row.about) : null,
    about: looked ? null : row.about,
  };
}

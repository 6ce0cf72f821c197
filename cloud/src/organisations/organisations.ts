import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, newId } from '@khien/shared/id';
import { notFound } from '../http/problem.ts';
import type { Db } from '../store/open.ts';
import type { Organisation, OrganisationList } from './schema.ts';

/** By name. */
export async function listOrganisations(db: Db): Promise<OrganisationList> {
  const items = await db.selectFrom('organisation').select(['id', 'name']).orderBy('name').execute();
  const isps = await db.selectFrom('isp').select('name').orderBy('name').execute();
  return { items, isps: isps.map(({ name }) => name) };
}

/** @throws KhienError `NAME_TAKEN` */
export async function addOrganisation(db: Db, name: string, now: Instant): Promise<Organisation> {
  const organisation = { id: newId(now), name };
  const inserted = await db
    .insertInto('organisation')
    .values({ ...organisation, created_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) throw nameTaken();
  return organisation;
}

/** @throws KhienError `NOT_FOUND`, `NAME_TAKEN` */
export async function renameOrganisation(db: Db, id: Id, name: string): Promise<Organisation> {
  const taken = await db
    .selectFrom('organisation')
    .select('id')
    .where('name', '=', name)
    .where('id', '!=', id)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken();
  const { numUpdatedRows } = await db
    .updateTable('organisation')
    .set({ name })
    .where('id', '=', id)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw notFound('organisation');
  return { id, name };
}

function nameTaken(): KhienError {
  return new KhienError('NAME_TAKEN', 'there is one of this name');
}

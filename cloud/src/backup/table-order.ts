import { sql } from 'kysely';
import type { Engine, Trx } from '../store/open.ts';

export interface TableForm {
  readonly table: string;
  readonly columns: readonly string[];
}

/** All tables of ours, each after those that it refers to: rows can be inserted in this order. */
export async function parentsFirst(engine: Engine, trx: Trx): Promise<TableForm[]> {
  const tables = new Map<string, TableForm>();
  // Without those of Kysely's migrations, which a restore makes itself.
  for (const { name, columns } of await trx.introspection.getTables()) {
    tables.set(name, { table: name, columns: columns.map((column) => column.name) });
  }
  const references = await referencesOf(engine, trx);
  const ordered = new Set<TableForm>();
  const visit = (form: TableForm): void => {
    if (ordered.has(form)) return;
    for (const { child, parent } of references) {
      const found = child === form.table && parent !== child ? tables.get(parent) : undefined;
      if (found !== undefined) visit(found);
    }
    ordered.add(form);
  };
  for (const name of [...tables.keys()].sort()) {
    const form = tables.get(name);
    if (form !== undefined) visit(form);
  }
  return [...ordered];
}

interface Reference {
  readonly child: string;
  readonly parent: string;
}

/** Which table refers to which. */
export async function referencesOf(engine: Engine, trx: Trx): Promise<readonly Reference[]> {
  const query =
    engine === 'sqlite'
      ? sql<Reference>`select m.name as child, f."table" as parent
          from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'`
      : sql<Reference>`select child.relname as child, parent.relname as parent from pg_constraint
          join pg_class child on child.oid = conrelid join pg_class parent on parent.oid = confrelid
          where contype = 'f' and connamespace = current_schema()::regnamespace`;
  return (await query.execute(trx)).rows;
}

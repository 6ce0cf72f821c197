import { type Kysely, sql } from 'kysely';

/** What several nodes over one database know of each other. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('node')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('beat', 'bigint', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('spent')
    .addColumn('limit', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('times', 'bigint', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('spent_pk', ['limit', 'key'])
    .execute();
  await db.schema.createIndex('spent_until').on('spent').column('until').execute();
  // Connections are named in another way now, and none is open while the first node of this version starts.
  await sql`update router set connection = null`.execute(db);
}

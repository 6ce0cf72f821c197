import type { Kysely } from 'kysely';

/** Routers that are known by their key and in no home yet, keys that are good no more, and clocks that were wrong. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('isp')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('stock')
    .addColumn('public_key', 'text', (column) => column.primaryKey())
    .addColumn('router', 'text', (column) => column.notNull().unique())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('isp', 'text', (column) => column.references('isp.name').onDelete('cascade'))
    .addColumn('serial', 'text')
    .addColumn('claim', 'text', (column) => column.unique())
    .addColumn('transfer', 'text', (column) => column.unique())
    .addColumn('transfer_until', 'bigint')
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .addColumn('contacted_at', 'bigint')
    .addUniqueConstraint('stock_serial', ['isp', 'serial'])
    .execute();
  await db.schema.createIndex('stock_transfer_until').on('stock').column('transfer_until').execute();
  await db.schema
    .createTable('revoked_key')
    .addColumn('public_key', 'text', (column) => column.primaryKey())
    .addColumn('revoked_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.alterTable('event').addColumn('told_at', 'bigint').execute();
}

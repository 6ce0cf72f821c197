import type { Kysely } from 'kysely';

/** Quotas and study time, holidays, and what routers find out about devices. */

async function extendRows(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('household')
    .addColumn('new_devices', 'text', (column) => column.notNull().defaultTo('ask'))
    .execute();
  await db.schema.alterTable('router').addColumn('lists_in_force', 'bigint').execute();
  await db.schema.alterTable('router').addColumn('lists_version', 'text').execute();
  await db.schema.alterTable('router').addColumn('lists_names', 'bigint').execute();
  await db.schema.alterTable('router').addColumn('lists_left_out', 'text').execute();
  await db.schema.alterTable('profile').addColumn('learning', 'text').execute();
  await db.schema.alterTable('device').addColumn('pause', 'text').execute();
  await db.schema
    .alterTable('device')
    .addColumn('known', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('device').addColumn('fingerprint', 'text').execute();
  await db.schema.alterTable('device_mac').addColumn('seen_at', 'bigint').execute();
}

async function createTime(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('holiday')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('from_date', 'text', (column) => column.notNull())
    .addColumn('to_date', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('holiday_household').on('holiday').column('household').execute();
  await db.schema
    .createTable('bonus')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('profile', 'text', (column) => column.notNull().references('profile.id').onDelete('cascade'))
    .addColumn('quota', 'text', (column) => column.notNull())
    .addColumn('minutes', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('given_by', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('bonus_household').on('bonus').columns(['household', 'at']).execute();
  await db.schema.createIndex('bonus_profile').on('bonus').column('profile').execute();
  await db.schema
    .createTable('usage')
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('profile', 'text', (column) => column.notNull().references('profile.id').onDelete('cascade'))
    .addColumn('day', 'text', (column) => column.notNull())
    .addColumn('target_kind', 'text', (column) => column.notNull())
    .addColumn('target_id', 'text', (column) => column.notNull())
    .addColumn('minutes', 'integer', (column) => column.notNull())
    .addColumn('reported_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_pk', ['profile', 'day', 'target_kind', 'target_id'])
    .execute();
  await db.schema.createIndex('usage_household').on('usage').columns(['household', 'day']).execute();
}

async function createFindings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('proposal')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('mac', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
    .addColumn('evidence', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('decided_by', 'text')
    .addUniqueConstraint('proposal_of', ['household', 'mac', 'device'])
    .execute();
  await db.schema.createIndex('proposal_device').on('proposal').column('device').execute();
  await db.schema
    .createTable('alert')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('mac', 'text', (column) => column.notNull())
    .addColumn('evidence', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('alert_of', ['household', 'mac'])
    .execute();
  await db.schema
    .createTable('intake')
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('day', 'bigint', (column) => column.notNull())
    .addColumn('events', 'bigint', (column) => column.notNull())
    .addColumn('requests', 'bigint', (column) => column.notNull())
    .addColumn('dropped', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('intake_pk', ['household', 'day'])
    .execute();
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await extendRows(db);
  await createTime(db);
  await createFindings(db);
}

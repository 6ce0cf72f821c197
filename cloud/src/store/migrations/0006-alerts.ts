import type { Kysely } from 'kysely';

/** What people are told: notifications, who has read them, where they are pushed to, and what each week was like. */

async function createNotifications(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('profile', 'text', (column) => column.references('profile.id').onDelete('cascade'))
    .addColumn('router', 'text', (column) => column.references('router.id').onDelete('cascade'))
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('settled_at', 'bigint')
    .addColumn('push_at', 'bigint')
    .addColumn('pushed_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('notification_at')
    .on('notification')
    .columns(['household', 'at', 'id'])
    .execute();
  await db.schema
    .createIndex('notification_sequence')
    .on('notification')
    .columns(['household', 'sequence'])
    .execute();
  await db.schema
    .createIndex('notification_subject')
    .on('notification')
    .columns(['household', 'kind', 'subject'])
    .execute();
  await db.schema.createIndex('notification_push_at').on('notification').column('push_at').execute();
  await db.schema.createIndex('notification_profile').on('notification').column('profile').execute();
  await db.schema.createIndex('notification_router').on('notification').column('router').execute();
}

async function createPersons(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('notification_mark')
    .addColumn('household', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('read_until', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('notification_mark_pk', ['household', 'account'])
    .addForeignKeyConstraint(
      'notification_mark_member',
      ['household', 'account'],
      'member',
      ['household', 'account'],
      (reference) => reference.onDelete('cascade'),
    )
    .execute();
  await db.schema
    .createTable('notification_setting')
    .addColumn('household', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('channels', 'text', (column) => column.notNull())
    .addColumn('quiet', 'text', (column) => column.notNull())
    .addColumn('details', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('notification_setting_pk', ['household', 'account'])
    .addForeignKeyConstraint(
      'notification_setting_member',
      ['household', 'account'],
      'member',
      ['household', 'account'],
      (reference) => reference.onDelete('cascade'),
    )
    .execute();
}

async function createPush(db: Kysely<unknown>): Promise<void> {
  // With the session it goes: who has signed out is told nothing any more.
  await db.schema
    .createTable('push_subscription')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('session', 'text', (column) => column.notNull().references('session.id').onDelete('cascade'))
    .addColumn('endpoint', 'text', (column) => column.notNull().unique())
    .addColumn('p256dh', 'text', (column) => column.notNull())
    .addColumn('auth', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('push_subscription_account')
    .on('push_subscription')
    .column('account')
    .execute();
  await db.schema
    .createIndex('push_subscription_session')
    .on('push_subscription')
    .column('session')
    .execute();
  await db.schema
    .createTable('delivery')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('subscription', 'text', (column) =>
      column.notNull().references('push_subscription.id').onDelete('cascade'),
    )
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('notification', 'text', (column) => column.references('notification.id').onDelete('cascade'))
    .addColumn('from_sequence', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('lease', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('delivery_of', ['subscription', 'household', 'subject'])
    .addForeignKeyConstraint(
      'delivery_member',
      ['household', 'account'],
      'member',
      ['household', 'account'],
      (reference) => reference.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('delivery_due_at').on('delivery').column('due_at').execute();
  await db.schema.createIndex('delivery_member').on('delivery').columns(['household', 'account']).execute();
  await db.schema.createIndex('delivery_notification').on('delivery').column('notification').execute();
}

async function createWeeks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('weekly')
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('week', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('weekly_pk', ['household', 'week'])
    .execute();
  // With the child goes what its weeks were like.
  await db.schema
    .createTable('weekly_child')
    .addColumn('household', 'text', (column) => column.notNull())
    .addColumn('week', 'text', (column) => column.notNull())
    .addColumn('profile', 'text', (column) => column.notNull().references('profile.id').onDelete('cascade'))
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('weekly_child_pk', ['household', 'week', 'profile'])
    .addForeignKeyConstraint(
      'weekly_child_week',
      ['household', 'week'],
      'weekly',
      ['household', 'week'],
      (reference) => reference.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('weekly_child_profile').on('weekly_child').column('profile').execute();
  await db.schema
    .alterTable('household')
    .addColumn('weekly_due_at', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.createIndex('household_weekly_due_at').on('household').column('weekly_due_at').execute();
}

async function watchRouters(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('router')
    .addColumn('offline_told', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('router').addColumn('lists_behind_since', 'bigint').execute();
  await db.schema
    .createIndex('router_offline_told')
    .on('router')
    .columns(['offline_told', 'last_seen_at'])
    .execute();
  await db.schema
    .createIndex('router_lists_behind_since')
    .on('router')
    .column('lists_behind_since')
    .execute();
}

/** Children's calls for help are counted apart. */
async function countHelp(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('intake')
    .addColumn('helps', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}

/** Bursts are read by when they were last added to. */
async function orderBursts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('burst_household_last')
    .on('burst')
    .columns(['household', 'last_at', 'id'])
    .execute();
  await db.schema
    .createIndex('burst_profile_last')
    .on('burst')
    .columns(['profile', 'last_at', 'id'])
    .execute();
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await createNotifications(db);
  await createPersons(db);
  await createPush(db);
  await createWeeks(db);
  await watchRouters(db);
  await countHelp(db);
  await orderBursts(db);
}

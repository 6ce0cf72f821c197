import type { Kysely } from 'kysely';

/** What others may build on: keys of programs, addresses that are told of changes, and answers that are given again. */

async function createKeys(db: Kysely<unknown>): Promise<void> {
  // With the membership of who made it a key ends.
  await db.schema
    .createTable('api_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addForeignKeyConstraint(
      'api_key_member',
      ['household', 'account'],
      'member',
      ['household', 'account'],
      (reference) => reference.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('api_key_member').on('api_key').columns(['household', 'account']).execute();
}

async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('url', 'text', (column) => column.notNull())
    .addColumn('kinds', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('disabled_at', 'bigint')
    .addForeignKeyConstraint(
      'webhook_member',
      ['household', 'account'],
      'member',
      ['household', 'account'],
      (reference) => reference.onDelete('cascade'),
    )
    .execute();
  await db.schema.createIndex('webhook_member').on('webhook').columns(['household', 'account']).execute();
  await db.schema
    .createTable('webhook_delivery')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('webhook', 'text', (column) => column.notNull().references('webhook.id').onDelete('cascade'))
    .addColumn('notification', 'text', (column) => column.references('notification.id').onDelete('cascade'))
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('lease', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('webhook_delivery_due_at').on('webhook_delivery').column('due_at').execute();
  await db.schema.createIndex('webhook_delivery_webhook').on('webhook_delivery').column('webhook').execute();
  await db.schema
    .createIndex('webhook_delivery_notification')
    .on('webhook_delivery')
    .column('notification')
    .execute();
  await db.schema
    .createTable('webhook_attempt')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('webhook', 'text', (column) => column.notNull().references('webhook.id').onDelete('cascade'))
    .addColumn('message', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('took', 'bigint', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('failure', 'text')
    .execute();
  await db.schema
    .createIndex('webhook_attempt_webhook')
    .on('webhook_attempt')
    .columns(['webhook', 'id'])
    .execute();
}

async function createAnswers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('answer')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('sealed', 'text')
    .execute();
  await db.schema.createIndex('answer_account').on('answer').columns(['account', 'created_at']).execute();
  await db.schema.createIndex('answer_household').on('answer').column('household').execute();
  await db.schema.createIndex('answer_created_at').on('answer').column('created_at').execute();
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await createKeys(db);
  await createWebhooks(db);
  await createAnswers(db);
}

import type { Kysely } from 'kysely';

/*
 * Only what SQLite and PostgreSQL both understand. Rows whose id a router made are keyed by router or household too, so
 * that no router can occupy an id of somebody else's.
 */

async function createPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('session')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('session_account').on('session').column('account').execute();
  await db.schema.createIndex('session_expires_at').on('session').column('expires_at').execute();
  await db.schema
    .createTable('household')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('zone', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('member')
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('role', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('member_pk', ['household', 'account'])
    .execute();
  await db.schema.createIndex('member_account').on('member').column('account').execute();
}

async function createRouters(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('router')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull().unique())
    .addColumn('enrolled_at', 'bigint', (column) => column.notNull())
    .addColumn('connection', 'text')
    .addColumn('last_seen_at', 'bigint')
    .addColumn('daemon', 'text')
    .addColumn('time_source', 'text')
    .addColumn('enforcement', 'text')
    .addColumn('policy_in_force', 'bigint')
    .addColumn('contacts_in_force', 'bigint')
    .addColumn('refusal_code', 'text')
    .addColumn('refusal_at', 'bigint')
    .execute();
  await db.schema.createIndex('router_household').on('router').column('household').execute();
  await db.schema
    .createTable('enrolment')
    .addColumn('device_code_hash', 'text', (column) => column.primaryKey())
    .addColumn('user_code', 'text', (column) => column.notNull().unique())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('daemon', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('polled_at', 'bigint')
    .addColumn('router', 'text', (column) => column.references('router.id').onDelete('cascade'))
    .execute();
  await db.schema.createIndex('enrolment_expires_at').on('enrolment').column('expires_at').execute();
  await db.schema.createIndex('enrolment_router').on('enrolment').column('router').execute();
  await db.schema
    .createTable('document')
    .addColumn('router', 'text', (column) => column.notNull().references('router.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('issued_at', 'bigint', (column) => column.notNull())
    .addColumn('body_hash', 'text', (column) => column.notNull())
    .addColumn('signed', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('document_pk', ['router', 'kind'])
    .execute();
}

async function createChildren(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('profile')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('age_band', 'text', (column) => column.notNull())
    .addColumn('rules', 'text', (column) => column.notNull())
    .addColumn('pause', 'text')
    .addColumn('extra_time', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('profile_household').on('profile').column('household').execute();
  await db.schema
    .createTable('device')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('profile', 'text', (column) => column.references('profile.id').onDelete('set null'))
    .addColumn('name', 'text')
    .addColumn('hostname', 'text')
    .addColumn('addresses', 'text', (column) => column.notNull())
    .addColumn('present', 'integer', (column) => column.notNull())
    .addColumn('first_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('device_household').on('device').column('household').execute();
  await db.schema.createIndex('device_profile').on('device').column('profile').execute();
  await db.schema
    .createTable('device_mac')
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('mac', 'text', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('device_mac_pk', ['household', 'mac'])
    .execute();
  await db.schema.createIndex('device_mac_device').on('device_mac').column('device').execute();
}

async function createHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('request')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('profile', 'text', (column) => column.notNull().references('profile.id').onDelete('cascade'))
    .addColumn('device', 'text', (column) => column.references('device.id').onDelete('set null'))
    .addColumn('ask', 'text', (column) => column.notNull())
    .addColumn('minutes', 'integer', (column) => column.notNull())
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('granted', 'integer')
    .addColumn('answer_minutes', 'integer')
    .addColumn('reply', 'text')
    .addColumn('answered_at', 'bigint')
    .addColumn('answered_by', 'text')
    .addPrimaryKeyConstraint('request_pk', ['household', 'id'])
    .execute();
  await db.schema
    .createIndex('request_answered_at')
    .on('request')
    .columns(['household', 'answered_at'])
    .execute();
  await db.schema.createIndex('request_profile').on('request').column('profile').execute();
  await db.schema.createIndex('request_device').on('request').column('device').execute();
  // No reference to the router: what it told stays with the household when it is replaced.
  await db.schema
    .createTable('event')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('router', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('time_source', 'text', (column) => column.notNull())
    .addColumn('received_at', 'bigint', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('event_pk', ['router', 'id'])
    .execute();
  await db.schema.createIndex('event_household').on('event').columns(['household', 'received_at']).execute();
  await db.schema
    .createTable('burst')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('profile', 'text', (column) => column.notNull().references('profile.id').onDelete('cascade'))
    .addColumn('device', 'text', (column) => column.notNull().references('device.id').onDelete('cascade'))
    .addColumn('target_kind', 'text', (column) => column.notNull())
    .addColumn('target_id', 'text', (column) => column.notNull())
    .addColumn('target_name', 'text', (column) => column.notNull())
    .addColumn('tries', 'bigint', (column) => column.notNull())
    .addColumn('first_at', 'bigint', (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('burst_pk', ['household', 'id'])
    .execute();
  await db.schema.createIndex('burst_profile').on('burst').columns(['profile', 'id']).execute();
  await db.schema.createIndex('burst_device').on('burst').column('device').execute();
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await createPeople(db);
  await createRouters(db);
  await createChildren(db);
  await createHistory(db);
  await db.schema
    .createTable('secret')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}

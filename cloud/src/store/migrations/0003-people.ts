import { newId } from '@khien/shared/id';
import { type Kysely, sql } from 'kysely';

/*
 * Passkeys first: an account needs neither an email nor a password. SQLite cannot loosen a column, so the three tables of
 * people are made anew under other names, filled, and put in the place of the old ones. Those that refer to others go
 * first: dropping a table of SQLite deletes its rows, and with them all that refers to them.
 */

async function createAnew(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account_anew')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('email', 'text', (column) => column.unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('language', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('session_anew')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('account', 'text', (column) =>
      column.notNull().references('account_anew.id').onDelete('cascade'),
    )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .addColumn('authenticated_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('browser', 'text')
    .addColumn('system', 'text')
    .addColumn('recovering', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('member_anew')
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('account', 'text', (column) =>
      column.notNull().references('account_anew.id').onDelete('cascade'),
    )
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('joined_at', 'bigint')
    .addPrimaryKeyConstraint('member_of', ['household', 'account'])
    .execute();
  await db.schema
    .createTable('password')
    .addColumn('account', 'text', (column) =>
      column.primaryKey().references('account_anew.id').onDelete('cascade'),
    )
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('changed_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function fill(db: Kysely<unknown>): Promise<void> {
  await sql`insert into account_anew (id, email, name, language, created_at)
    select id, email, name, language, created_at from account`.execute(db);
  await sql`insert into password (account, hash, changed_at)
    select id, password_hash, created_at from account`.execute(db);
  await sql`insert into member_anew (household, account, role) select household, account, role from member`.execute(
    db,
  );
  const { rows } = await sql<{
    token_hash: string;
    account: string;
    created_at: number | string;
    expires_at: number | string;
  }>`select token_hash, account, created_at, expires_at from session`.execute(db);
  for (const row of rows) {
    const createdAt = Number(row.created_at);
    await sql`insert into session_anew
      (token_hash, id, account, created_at, used_at, authenticated_at, expires_at)
      values (${row.token_hash}, ${newId(createdAt)}, ${row.account}, ${createdAt}, ${createdAt}, ${createdAt},
        ${Number(row.expires_at)})`.execute(db);
  }
}

async function replace(db: Kysely<unknown>): Promise<void> {
  for (const table of ['session', 'member', 'account']) await db.schema.dropTable(table).execute();
  for (const table of ['session', 'member', 'account']) {
    await db.schema.alterTable(`${table}_anew`).renameTo(table).execute();
  }
  await db.schema.createIndex('session_account').on('session').column('account').execute();
  await db.schema.createIndex('session_expires_at').on('session').column('expires_at').execute();
  await db.schema.createIndex('member_account').on('member').column('account').execute();
}

async function createKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('passkey')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('credential', 'text', (column) => column.notNull().unique())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('transports', 'text', (column) => column.notNull())
    .addColumn('backed_up', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('copied_at', 'bigint')
    .execute();
  await db.schema.createIndex('passkey_account').on('passkey').column('account').execute();
  await db.schema
    .createTable('answered_challenge')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('answered_challenge_expires_at')
    .on('answered_challenge')
    .column('expires_at')
    .execute();
  await db.schema
    .createTable('recovery_code')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('recovery_code_account').on('recovery_code').column('account').execute();
}

async function createInvitations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('invitation')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('token_hash', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('label', 'text')
    .addColumn('invited_by', 'text', (column) =>
      column.notNull().references('account.id').onDelete('cascade'),
    )
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('invitation_household').on('invitation').column('household').execute();
  await db.schema.createIndex('invitation_invited_by').on('invitation').column('invited_by').execute();
  await db.schema.createIndex('invitation_expires_at').on('invitation').column('expires_at').execute();
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await createAnew(db);
  await fill(db);
  await replace(db);
  await createKeys(db);
  await createInvitations(db);
}

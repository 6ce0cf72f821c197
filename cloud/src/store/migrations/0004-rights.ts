import type { Kysely } from 'kysely';

/** Who acts for an organisation or an internet provider, or for the service itself. */
async function createDuties(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('organisation')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('duty')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('isp', 'text')
    .addColumn('organisation', 'text', (column) => column.references('organisation.id'))
    .addColumn('code', 'text', (column) => column.unique())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('duty_of', ['account', 'kind'])
    .execute();
  await db.schema.alterTable('router').addColumn('isp', 'text').execute();
  await db.schema.createIndex('router_isp').on('router').columns(['isp', 'id']).execute();
}

async function createConsents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('consent')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) =>
      column.notNull().references('household.id').onDelete('cascade'),
    )
    .addColumn('duty', 'text', (column) => column.notNull().references('duty.id').onDelete('cascade'))
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('from_at', 'bigint', (column) => column.notNull())
    .addColumn('until_at', 'bigint', (column) => column.notNull())
    .addColumn('given_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('consent_of', ['household', 'duty'])
    .execute();
  await db.schema.createIndex('consent_duty').on('consent').column('duty').execute();
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('household', 'text', (column) => column.references('household.id').onDelete('cascade'))
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('account', 'text')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('acting_as', 'text', (column) => column.notNull())
    .addColumn('organisation', 'text')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('about', 'text')
    .addColumn('once', 'text', (column) => column.unique())
    .execute();
  await db.schema.createIndex('audit_household').on('audit').columns(['household', 'id']).execute();
}

export async function up(db: Kysely<unknown>): Promise<void> {
  await createDuties(db);
  await createConsents(db);
  await createAudit(db);
}

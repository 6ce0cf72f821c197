import { codeOf, isKhienError, KhienError } from '@khien/shared/error';
import { sql } from 'kysely';
import { migrations } from '../store/migrations/index.ts';
import { openStore, type Store, type Trx } from '../store/open.ts';
import { type Header, parseHeader, parseLine, type Row } from './format.ts';
import { parentsFirst, type TableForm } from './table-order.ts';
import type { Progress } from './write.ts';

/** PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766 (sqlite.org/limits.html). */
const PARAMETERS = 10_000;

/**
 * Fills an empty store with a backup, of either engine, and brings it to the newest form. All rows come in one
 * transaction: of a backup that breaks off nothing is there.
 *
 * @param location as `openStore` takes it
 * @param lines of the backup, without their line feeds
 * @returns the number of rows
 * @throws KhienError `BACKUP_UNREADABLE`, `BACKUP_INCOMPLETE`, `BACKUP_NEWER`, `RESTORE_NOT_EMPTY`, and what `openStore` does
 */
export async function restore(
  location: string,
  lines: AsyncIterable<string>,
  progress?: Progress,
): Promise<number> {
  const rest = lines[Symbol.asyncIterator]();
  const first = await rest.next();
  const header = parseHeader(first.done === true ? '' : first.value);
  const store = await openStore(location, stepsFor(header));
  let rows: number;
  try {
    rows = await store.transaction((trx) =>
      fill(store, trx, { [Symbol.asyncIterator]: () => rest }, progress),
    );
  } finally {
    await store.close();
  }
  await (await openStore(location)).close();
  return rows;
}

/** @throws KhienError `BACKUP_NEWER` */
function stepsFor({ steps }: Header): typeof migrations {
  const unknown = steps.find((step) => migrations[step] === undefined);
  if (unknown !== undefined) {
    throw new KhienError('BACKUP_NEWER', `the backup went through step ${unknown}, unknown to this version`);
  }
  return Object.fromEntries(Object.entries(migrations).filter(([step]) => steps.includes(step)));
}

async function fill(
  { engine }: Store,
  trx: Trx,
  lines: AsyncIterable<string>,
  progress: Progress = () => undefined,
): Promise<number> {
  const forms = new Map((await parentsFirst(engine, trx)).map((form) => [form.table, form]));
  for (const form of forms.values()) await requireEmpty(trx, form);
  let into: Filling | undefined;
  let total = 0;
  let expected: number | undefined;
  for await (const text of lines) {
    const line = parseLine(text);
    if (line.kind === 'row') {
      if (into === undefined) throw new KhienError('BACKUP_UNREADABLE', 'there are rows before any table');
      await into.add(line.row);
      total += 1;
      continue;
    }
    await into?.end(progress);
    into = undefined;
    // Reading goes on to the end of the file, where its checksum is.
    if (line.kind === 'end') expected = line.rows;
    else into = new Filling(trx, fittingForm(forms, line));
  }
  if (expected === undefined) throw new KhienError('BACKUP_INCOMPLETE', 'the backup breaks off');
  if (expected !== total) {
    throw new KhienError('BACKUP_INCOMPLETE', `there are ${total} rows, and were ${expected}`);
  }
  return total;
}

/** @throws KhienError `RESTORE_NOT_EMPTY` */
async function requireEmpty(trx: Trx, { table }: TableForm): Promise<void> {
  const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(trx);
  if (rows.length > 0) {
    throw new KhienError(
      'RESTORE_NOT_EMPTY',
      `the database holds data (in ${table}); restore into an empty one`,
    );
  }
}

function fittingForm(forms: ReadonlyMap<string, TableForm>, read: TableForm): TableForm {
  const form = forms.get(read.table);
  const known = new Set(form?.columns);
  if (read.columns.length === known.size && read.columns.every((column) => known.has(column))) return read;
  throw new KhienError('BACKUP_UNREADABLE', `the backup's table ${read.table} is of another form`);
}

/** Gathers rows of one table into statements. */
class Filling {
  readonly #trx: Trx;
  readonly #form: TableForm;
  #waiting: Row[] = [];
  #rows = 0;

  constructor(trx: Trx, form: TableForm) {
    this.#trx = trx;
    this.#form = form;
  }

  /** @throws KhienError `BACKUP_UNREADABLE` */
  async add(row: Row): Promise<void> {
    const { table, columns } = this.#form;
    if (row.length !== columns.length) {
      throw new KhienError('BACKUP_UNREADABLE', `a row of ${table} has ${row.length} columns`);
    }
    this.#waiting.push(row);
    this.#rows += 1;
    if ((this.#waiting.length + 1) * columns.length > PARAMETERS) await this.#insert();
  }

  async end(progress: Progress): Promise<void> {
    if (this.#waiting.length > 0) await this.#insert();
    progress(this.#form.table, this.#rows);
  }

  async #insert(): Promise<void> {
    const { table, columns } = this.#form;
    const rows = this.#waiting.splice(0).map((row) => sql`(${sql.join(row)})`);
    const names = sql.join(columns.map((column) => sql.ref(column)));
    const insert = sql`insert into ${sql.table(table)} (${names}) values ${sql.join(rows)}`;
    await insert.execute(this.#trx).catch((cause: unknown) => {
      if (isKhienError(cause)) throw cause;
      throw new KhienError('BACKUP_UNREADABLE', `rows of ${table} do not fit: ${codeOf(cause)}`, { cause });
    });
  }
}

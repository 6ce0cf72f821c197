import { codeOf } from '@khien/shared/error';

/** What the engines say of a row whose unique value is taken: unique_violation, and SQLite's two of that kind. */
const DUPLICATE: ReadonlySet<string> = new Set([
  '23505',
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
]);

/** Whether a statement failed because a value that there may be once is there already. On PostgreSQL its transaction is lost. */
export function isDuplicate(error: unknown): boolean {
  return DUPLICATE.has(codeOf(error));
}

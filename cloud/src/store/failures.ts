import { codeOf, isKhienError, KhienError } from '@khien/shared/error';

/** serialization_failure, deadlock_detected (postgresql.org/docs/current/errcodes-appendix.html): the same again will do. */
const REPEATABLE: ReadonlySet<string> = new Set(['40001', '40P01']);

/** The server may not write, for it has become a standby: a new connection may lead to the one that took its place. */
const READ_ONLY = '25006';

/**
 * Also a statement that took too long (query_canceled) or waited too long for a lock, and a server that is full, whose disk is
 * full or fails, or that stops.
 */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  ...['53100', '53200', '53300', '55P03', '57014', '57P01', '57P02', '57P03', '58030', '25P03', READ_ONLY],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
]);

/** What `pg` says of connections, for which it has no codes. */
const LOST = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client )/;

/** The disk is full or fails, or another process has the file (sqlite.org/rescode.html). */
const SQLITE_UNAVAILABLE = /^SQLITE_(BUSY|CANTOPEN|FULL|IOERR|NOMEM|PROTOCOL|READONLY)/;

/** Whether a transaction that failed with this may be done again at once. */
export function isRepeatable(error: unknown): boolean {
  return REPEATABLE.has(codeOf(error));
}

/** Whether it is not for what was asked that the store failed: the same may go well later. */
export function isPassing(error: unknown): boolean {
  return isRepeatable(error) || (isKhienError(error) && error.code === 'STORE_UNAVAILABLE');
}

/** What is thrown for an error of the server, of the way there or of the disk; anything else stays what it is. */
export function storeError(error: unknown): unknown {
  const code = codeOf(error);
  const unreachable = error instanceof Error && (code.startsWith('08') || LOST.test(error.message));
  return unreachable || UNAVAILABLE.has(code) || SQLITE_UNAVAILABLE.test(code)
    ? storeUnavailable(error)
    : error;
}

export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === READ_ONLY;
}

export function storeUnavailable(cause: unknown): KhienError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KhienError('STORE_UNAVAILABLE', `the database does not answer: ${why}`, { cause });
}

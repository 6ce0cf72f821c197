import { codeOf, isKhienError, KhienError } from '@khien/shared/error';

/** serialization_failure, deadlock_detected (postgresql.org/docs/current/errcodes-appendix.html): the same again will do. */
const REPEATABLE: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Also a statement that took too long (query_canceled) or waited too long for a lock, and a server that is full or stops. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  ...['53300', '55P03', '57014', '57P01', '57P02', '57P03', '25P03'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
]);

/** What `pg` says of connections, for which it has no codes. */
const LOST = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client )/;

/** Whether a transaction that failed with this may be done again at once. */
export function isRepeatable(error: unknown): boolean {
  return REPEATABLE.has(codeOf(error));
}

/** Whether it is not for what was asked that the store failed: the same may go well later. */
export function isPassing(error: unknown): boolean {
  return isRepeatable(error) || (isKhienError(error) && error.code === 'STORE_UNAVAILABLE');
}

/** What is thrown for an error of the server or of the way there; anything else stays what it is. */
export function storeError(error: unknown): unknown {
  const code = codeOf(error);
  const unreachable = error instanceof Error && (code.startsWith('08') || LOST.test(error.message));
  return unreachable || UNAVAILABLE.has(code) ? storeUnavailable(error) : error;
}

export function storeUnavailable(cause: unknown): KhienError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new KhienError('STORE_UNAVAILABLE', `the database does not answer: ${why}`, { cause });
}

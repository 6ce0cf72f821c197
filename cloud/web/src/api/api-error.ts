import type { Problem } from './contract.ts';

/** A request that failed: `code` is the server's, or `NETWORK`, `TIMEOUT` where no answer came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** JSON pointers of the fields that were refused. */
  readonly fields: readonly string[];

  constructor(code: string, status: number, fields: readonly string[] = []) {
    super(`${code} (${status})`);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }

  /** Nobody answered: the phone is offline or the cloud is. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** Whatever was thrown, as an error whose code a language file can key on. */
export function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return new ApiError('TIMEOUT', 0);
  // fetch rejects with a TypeError, and only with that, when no answer came.
  if (thrown instanceof TypeError) return new ApiError('NETWORK', 0);
  return new ApiError('UNEXPECTED', -1);
}

/** Is `body` RFC 9457 problem details as this API writes them? */
export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
}

/** The fields of a problem, where it names any and they are what they should be. */
export function fieldsOf(problem: Problem): string[] {
  if (!Array.isArray(problem.fields)) return [];
  return problem.fields.flatMap((field) => (typeof field?.pointer === 'string' ? [field.pointer] : []));
}

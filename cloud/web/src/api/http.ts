import { ApiError, apiErrorOf, fieldsOf, isProblem } from './api-error.ts';

const TIMEOUT = 15_000;
const DOWNLOAD_TIMEOUT = 10 * 60_000;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a call goes through; injected so that tests need no network. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Speaks JSON with the cloud; every failure is an {@link ApiError}. */
export class Http {
  readonly #fetch: Fetch;
  readonly #onSignedOut: () => void;

  /** @param onSignedOut called when the server no longer knows the session */
  constructor(fetch: Fetch, onSignedOut: () => void) {
    this.#fetch = fetch;
    this.#onSignedOut = onSignedOut;
  }

  /**
   * @returns what the server answered. The server checks its answers against the very schemas that `T` comes from and
   * ships with this UI, so they are not checked a second time.
   * @throws ApiError
   */
  async call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, body);
    const text = await bodyOf(response.text());
    if (response.ok) return parse(text, response.status) as T;
    throw this.#failure(response, text);
  }

  /** A file, as it is, which may take its time. @throws ApiError */
  async download(path: string): Promise<Blob> {
    const response = await this.#send('GET', path, undefined, DOWNLOAD_TIMEOUT);
    if (response.ok) return bodyOf(response.blob());
    throw this.#failure(response, await bodyOf(response.text()));
  }

  #failure(response: Response, text: string): ApiError {
    const problem = response.headers.get('content-type')?.includes('json')
      ? parse(text, response.status)
      : null;
    const code = isProblem(problem) ? problem.code : codeOfStatus(response.status);
    // Other codes of this status say that a password, a passkey or a code was wrong.
    if (code === 'UNAUTHENTICATED') this.#onSignedOut();
    return new ApiError(code, response.status, isProblem(problem) ? fieldsOf(problem) : []);
  }

  async #send(method: Method, path: string, body: unknown, timeout = TIMEOUT): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      return await this.#fetch(`/api/v1${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(timeout),
      });
    } catch (thrown) {
      throw apiErrorOf(thrown);
    }
  }
}

/** A body can break off after its head. */
function bodyOf<T>(body: Promise<T>): Promise<T> {
  return body.catch((cause: unknown) => Promise.reject(apiErrorOf(cause)));
}

function parse(text: string, status: number): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A captive portal or a proxy answered in the cloud's place.
    throw new ApiError('NETWORK', status < 500 ? 0 : status);
  }
}

function codeOfStatus(status: number): string {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'TOO_MANY_REQUESTS';
  if (status === 502 || status === 503 || status === 504) return 'NETWORK';
  return 'UNEXPECTED';
}

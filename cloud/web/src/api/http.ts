import { ApiError, apiErrorOf, fieldsOf, isProblem } from './api-error.ts';
import { newId } from './contract.ts';

const TIMEOUT = 15_000;
/** What must not be done twice is sent so often while no answer comes, and not longer than this, milliseconds. */
const TRIES = 3;
const LONGEST = 20_000;
const DOWNLOAD_TIMEOUT = 10 * 60_000;

type Headers = Readonly<Record<string, string>>;
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
  async call<T>(method: Method, path: string, body?: unknown, headers: Headers = {}): Promise<T> {
    const response = await this.#send(method, path, body, { headers });
    const text = await bodyOf(response.text());
    if (response.ok) return parse(text, response.status) as T;
    throw this.#failure(response, text);
  }

  /**
   * For what counts each time it is done: is it lost on the way, or its answer, it is sent again, and done once.
   *
   * @throws ApiError
   */
  async callOnce<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const key = { 'idempotency-key': newId() };
    const started = performance.now();
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.call<T>(method, path, body, key);
      } catch (thrown) {
        const { unreachable, code } = apiErrorOf(thrown);
        const again = unreachable || code === 'IDEMPOTENCY_KEY_IN_USE';
        if (!again || tries === TRIES || performance.now() - started > LONGEST) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries));
      }
    }
  }

  /** A file, as it is, which may take its time. @throws ApiError */
  async download(path: string): Promise<Blob> {
    const response = await this.#send('GET', path, undefined, { timeout: DOWNLOAD_TIMEOUT });
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

  async #send(
    method: Method,
    path: string,
    body: unknown,
    { timeout = TIMEOUT, headers: more = {} }: { timeout?: number; headers?: Headers },
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json', ...more };
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

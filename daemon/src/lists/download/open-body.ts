import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { KhienError } from '@khien/shared/error';

export interface BodyRequest {
  /** What is there already, in bytes. */
  readonly from: number;
  /** Names the content: a part is only wanted of this one (RFC 9110 §13.1.5). */
  readonly etag: string;
  /** PEM of the CA to trust instead of the system's. */
  readonly authority: string | undefined;
  readonly idleMs: number;
  readonly tryMs: number;
}

/** What a server sends. */
export interface Body {
  /** Where in the whole the chunks begin: what was asked for, or 0. */
  readonly from: number;
  readonly chunks: AsyncIterable<Buffer>;
  /** Hangs up, if there is more. */
  close(): void;
}

/**
 * Asks for a file, or for the rest of it. Redirects are not followed: the cloud has none.
 *
 * @throws KhienError `CLOUD_UNREACHABLE`, `LIST_GONE` (not there any more), `LIST_HTTP` (any other refusal)
 */
export async function openBody(url: URL, asked: BodyRequest): Promise<Body> {
  const { response, close } = await open(url, asked);
  const from = beginOf(response, asked.from);
  if (from === undefined) {
    close();
    const status = response.statusCode ?? 0;
    const code = status === 404 || status === 410 ? 'LIST_GONE' : 'LIST_HTTP';
    throw new KhienError(code, `${url.pathname}: the cloud answered with ${status}`);
  }
  return { from, chunks: response, close };
}

/** Where a response's body begins; undefined for one that has not what was asked for. */
function beginOf({ statusCode, headers }: IncomingMessage, from: number): number | undefined {
  if (statusCode === 200) return 0;
  const range = /^bytes (\d+)-/.exec(headers['content-range'] ?? '');
  return statusCode === 206 && range !== null && Number(range[1]) === from ? from : undefined;
}

function open(
  url: URL,
  { from, etag, authority, idleMs, tryMs }: BodyRequest,
): Promise<{ response: IncomingMessage; close: () => void }> {
  const headers = {
    'accept-encoding': 'identity',
    ...(from === 0 ? {} : { range: `bytes=${from}-`, 'if-range': etag }),
  };
  const options = { headers, agent: false, timeout: idleMs } as const;
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, ...(authority === undefined ? {} : { ca: authority }) })
        : plainRequest(url, options);
    const late = setTimeout(() => request.destroy(new Error(`not complete within ${tryMs / 1000} s`)), tryMs);
    const close = (): void => {
      clearTimeout(late);
      request.destroy();
    };
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${idleMs / 1000} s`)));
    request.on('error', (cause) => {
      clearTimeout(late);
      reject(new KhienError('CLOUD_UNREACHABLE', `${url.origin}: ${cause.message}`, { cause }));
    });
    request.on('response', (response) => resolve({ response, close }));
    request.end();
  });
}

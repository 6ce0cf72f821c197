import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { KhienError } from '@khien/shared/error';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface CloudAnswer {
  readonly status: number;
  /** Parsed JSON; still to be put through a schema. */
  readonly body: unknown;
}

/**
 * Posts JSON to the cloud, bounded in time and size. (node:https rather than a client library: enrolment is the only HTTP
 * the daemon itself speaks, and undici would cost 15 MB of RAM on every router.)
 *
 * @param authority PEM of the CA to trust instead of the system's
 * @throws KhienError `CLOUD_UNREACHABLE`, `CLOUD_ANSWER_INVALID`
 */
export function postJson(url: URL, body: unknown, authority: string | undefined): Promise<CloudAnswer> {
  const payload = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    'content-length': Buffer.byteLength(payload),
  };
  return new Promise((resolve, reject) => {
    const unreachable = (cause: Error): void => {
      reject(new KhienError('CLOUD_UNREACHABLE', `${url.origin}: ${cause.message}`, { cause }));
    };
    const options = { method: 'POST', headers, timeout: TIMEOUT_MS };
    const request =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...options, agent: false, ...(authority === undefined ? {} : { ca: authority }) })
        : plainRequest(url, { ...options, agent: false });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on('error', unreachable);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.on('error', unreachable);
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
        } catch (cause) {
          reject(new KhienError('CLOUD_ANSWER_INVALID', `${url.origin} did not answer with JSON`, { cause }));
        }
      });
    });
    request.end(payload);
  });
}

// Makes one HTTP request and prints what came back as JSON: node request-client.ts JSON
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const asked = z
  .object({
    url: z.url(),
    method: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().optional(),
    timeout: z.number(),
  })
  .parse(JSON.parse(readFileSync(0, 'utf8')));

const signal = AbortSignal.timeout(asked.timeout);
const { url, method, headers } = asked;
const request = url.startsWith('https:')
  ? requestHttps(url, { method, headers, signal, rejectUnauthorized: false })
  : requestHttp(url, { method, headers, signal });
request.on('response', (response) => {
  const { statusCode: status, headers: answered } = response;
  const from = response.socket.remoteAddress;
  text(response).then((body) => {
    print({ reached: true, status, headers: answered, body, from });
  }, fail);
});
request.on('error', fail);
request.end(asked.body);

function fail(error: Error & { code?: string }): void {
  print({ reached: false, error: signal.aborted ? 'TIMEOUT' : (error.code ?? error.message) });
}

function print(outcome: unknown): void {
  process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
}

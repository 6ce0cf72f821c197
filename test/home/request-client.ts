// Makes one HTTP request, its body from standard input, and prints what came back as JSON:
// node request-client METHOD URL TIMEOUT_MS [NAME: VALUE]…
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';

const [method = 'GET', url = '', timeout = '', ...headerLines] = process.argv.slice(2);
const headers = Object.fromEntries(headerLines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
const signal = AbortSignal.timeout(Number(timeout));

const request = url.startsWith('https:')
  ? requestHttps(url, { method, headers, signal, rejectUnauthorized: false })
  : requestHttp(url, { method, headers, signal });
request.on('response', (response) => {
  const { statusCode: status, headers: answered } = response;
  const from = response.socket.remoteAddress;
  text(response).then((body) => print({ reached: true, status, headers: answered, body, from }), fail);
});
request.on('error', fail);
request.end(readFileSync(0));

function fail(error: Error & { code?: string }): void {
  print({ reached: false, error: signal.aborted ? 'TIMEOUT' : (error.code ?? error.message) });
}

function print(outcome: unknown): void {
  process.stdout.write(JSON.stringify(outcome), () => process.exit(0));
}

import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '../problem.schema.ts';
import { PROBLEM_TYPE, problem } from './problem.ts';

/** What no plugin adds to an answer that Fastify has no part in. */
const HEADERS = {
  'content-type': PROBLEM_TYPE,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
} as const;

/** Answers what Fastify never makes a request of: an address that is no address. */
export function writeProblem(response: ServerResponse, body: Problem): void {
  response.writeHead(body.status, HEADERS).end(JSON.stringify(body));
}

/** Answers bytes that are no HTTP, a head that is too large or one that never ends, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = problem('BAD_REQUEST');
  const text = JSON.stringify(body);
  if (socket.writable) {
    const headers = { ...HEADERS, 'content-length': Buffer.byteLength(text), connection: 'close' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\n${lines.join('')}\r\n${text}`);
  }
  socket.destroySoon();
}

import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '../problem.schema.ts';
import { PROBLEM_TYPE, problem } from './problem.ts';

/** Answers what Fastify never makes a request of: an address that is no address. */
export function writeProblem(response: ServerResponse, body: Problem): void {
  response.writeHead(body.status, { 'content-type': PROBLEM_TYPE }).end(JSON.stringify(body));
}

/** Answers bytes that are no HTTP, a head that is too large or one that never ends, and hangs up. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const body = problem('BAD_REQUEST');
  const text = JSON.stringify(body);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
        `Content-Type: ${PROBLEM_TYPE}\r\nConnection: close\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
}

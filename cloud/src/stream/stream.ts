import type { ServerResponse } from 'node:http';

/** A client that does not read has this much waiting for it (bytes) and is let go; it fetches anew when it is back. */
const MAX_WAITING = 64 * 1024;

/** One open answer of server-sent events (html.spec.whatwg.org/multipage/server-sent-events.html). */
export class EventStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would hold the events back.
      'x-accel-buffering': 'no',
    });
    response.write(': hello\n\n');
  }

  send(data: unknown): void {
    this.#write(`data: ${JSON.stringify(data)}\n\n`);
  }

  /** A comment, so that proxies and phones keep the connection, and a dead one is noticed. */
  heartbeat(): void {
    this.#write(':\n\n');
  }

  close(): void {
    this.#response.end();
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  #write(text: string): void {
    // Between its end and its close there is a while in which it still hears of changes.
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > MAX_WAITING) this.#response.destroy();
    else this.#response.write(text);
  }
}

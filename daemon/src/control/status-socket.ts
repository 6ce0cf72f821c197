import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { KhienError } from '@khien/shared/error';
import type { Part } from '../lifecycle.ts';

const MAX_STATUS_BYTES = 1 << 20;

/** Where the daemon with this run folder answers. */
export function statusPath(runFolder: string): string {
  return join(runFolder, 'status.sock');
}

/** Answers every connection on a root-only Unix socket with the daemon's status as JSON; `khiend status` reads it. */
export class StatusSocket implements Part {
  readonly name = 'status';
  readonly #path: string;
  readonly #status: () => Promise<unknown>;
  #server: Server | undefined;

  constructor(path: string, status: () => Promise<unknown>) {
    this.#path = path;
    this.#status = status;
  }

  async start(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    // What is left of a killed daemon; the place, taken before, says that no other one runs.
    await rm(this.#path, { force: true });
    const server = createServer((client) => {
      client.on('error', () => client.destroy());
      this.#status().then(
        (status) => client.end(JSON.stringify(status)),
        () => client.destroy(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#path, () => resolve());
    });
    await chmod(this.#path, 0o600);
    server.unref();
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(this.#path, { force: true });
  }
}

/**
 * The status of the running daemon.
 *
 * @throws KhienError `NOT_RUNNING`
 */
export function readStatus(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.length > MAX_STATUS_BYTES) socket.destroy(new Error('the answer is too large'));
    });
    socket.on('error', (cause) =>
      reject(new KhienError('NOT_RUNNING', `khiend does not answer on ${path}`, { cause })),
    );
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text));
      } catch (cause) {
        reject(new KhienError('NOT_RUNNING', `khiend did not answer whole on ${path}`, { cause }));
      }
    });
  });
}

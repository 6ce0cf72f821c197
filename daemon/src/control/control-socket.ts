import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { isKhienError, KhienError } from '@khien/shared/error';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  controlRequestSchema,
  MAX_ANSWER_BYTES,
  MAX_REQUEST_BYTES,
  parseJson,
} from './protocol.ts';

/** Milliseconds in which a client must have sent its request. */
const REQUEST_WITHIN = 2000;
/** Milliseconds in which a request must be answered, and the answer taken. */
const ANSWER_WITHIN = 10_000;
/** More clients at once are turned away. */
const MAX_CLIENTS = 16;
const NEWLINE = 0x0a;

/** Where the daemon with this run folder answers. */
export function controlPath(runFolder: string): string {
  return join(runFolder, 'control.sock');
}

export interface ControlSocketDeps {
  readonly path: string;
  readonly log: Log;
  /** Answers with what becomes JSON. What it throws is the client's to hear where it is a KhienError. */
  readonly answer: (request: ControlRequest) => Promise<unknown>;
}

/** The root-only Unix socket on which the commands of `khiend` ask the running daemon; `protocol.ts` says how. */
export class ControlSocket implements Part {
  readonly name = 'control';
  readonly #deps: ControlSocketDeps;
  readonly #clients = new Set<Socket>();
  #server: Server | undefined;

  constructor(deps: ControlSocketDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { path } = this.#deps;
    await mkdir(dirname(path), { recursive: true });
    // What is left of a killed daemon; the place, taken before, says that no other one runs.
    await rm(path, { force: true });
    // A client may end its side with its request.
    const server = createServer({ allowHalfOpen: true }, (client) => this.#serve(client));
    server.maxConnections = MAX_CLIENTS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => resolve());
    });
    await chmod(path, 0o600);
    server.unref();
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const client of this.#clients) client.destroy();
    await closed;
    await rm(this.#deps.path, { force: true });
  }

  #serve(client: Socket): void {
    let timer = setTimeout(() => client.destroy(), REQUEST_WITHIN);
    this.#clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => {
      clearTimeout(timer);
      this.#clients.delete(client);
    });
    readLine(client).then(
      async (line) => {
        clearTimeout(timer);
        timer = setTimeout(() => client.destroy(), ANSWER_WITHIN);
        client.end(encode(await this.#answer(line)));
      },
      () => client.destroy(),
    );
  }

  async #answer(line: Buffer): Promise<ControlAnswer> {
    try {
      return { ok: true, answer: await this.#deps.answer(parseRequest(line)) };
    } catch (error) {
      if (isKhienError(error)) return { ok: false, code: error.code, message: error.message };
      this.#deps.log.error('a request on the control socket failed', error);
      return { ok: false, code: 'CONTROL_FAILED', message: 'khiend could not answer; its log says why' };
    }
  }
}

/** The client's first line, or all of it where that is too long for a request. Rejects when it ends without a line. */
function readLine(client: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    client.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf(NEWLINE);
      if (end < 0 && bytes.length <= MAX_REQUEST_BYTES) return;
      client.removeAllListeners('data');
      // Goes on reading, and forgetting: else the end of the connection would not be seen.
      client.resume();
      resolve(end < 0 ? bytes : bytes.subarray(0, end));
    });
    client.on('end', () => (bytes.length > 0 ? resolve(bytes) : reject(new Error('nothing was asked'))));
  });
}

function parseRequest(line: Buffer): ControlRequest {
  if (line.length > MAX_REQUEST_BYTES) {
    throw new KhienError('CONTROL_TOO_LONG', `a request has at most ${MAX_REQUEST_BYTES} bytes`);
  }
  const parsed = controlRequestSchema.safeParse(parseJson(line.toString()));
  if (!parsed.success) throw new KhienError('CONTROL_BAD_REQUEST', 'khiend does not know this request');
  return parsed.data;
}

function encode(answer: ControlAnswer): string {
  const text = `${JSON.stringify(answer)}\n`;
  if (Buffer.byteLength(text) <= MAX_ANSWER_BYTES) return text;
  return encode({
    ok: false,
    code: 'CONTROL_TOO_LONG',
    message: 'the answer is too long; ask for one device',
  });
}

import { connect, createServer, type Server } from 'node:net';
import { KhienError } from '@khien/shared/error';
import type { Part } from '../lifecycle.ts';

const PLACE = '\0khiend';

/**
 * The place of the one daemon on a router, held as a Unix socket in the abstract namespace: it belongs to the network
 * namespace as the tables do, and the kernel frees it when the process ends, however it ends (unix(7)).
 */
export class Place implements Part {
  readonly name = 'place';
  readonly #socket: string;
  #server: Server | undefined;

  constructor(socket = PLACE) {
    this.#socket = socket;
  }

  /** @throws KhienError `ALREADY_RUNNING`, with the process id of who holds the place */
  async start(): Promise<void> {
    const server = createServer((client) => {
      client.on('error', () => client.destroy());
      client.end(String(process.pid));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(this.#socket, () => resolve());
      });
    } catch (cause) {
      const pid = await holderOfPlace(this.#socket);
      throw new KhienError(
        'ALREADY_RUNNING',
        `khiend is already running on this router as process ${pid ?? 'unknown'}`,
        {
          cause,
          details: { pid },
        },
      );
    }
    server.unref();
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** The process that holds the place in this network namespace; undefined where none does, or it does not say. */
export function holderOfPlace(place = PLACE): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(place);
    let text = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text = (text + chunk.toString()).slice(0, 20);
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(/^\d+$/.test(text) ? Number(text) : undefined));
  });
}

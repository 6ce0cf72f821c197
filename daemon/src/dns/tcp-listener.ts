import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { LanSideSource } from '../devices/lan-side.ts';
import type { Log } from '../log.ts';
import { plainAddress } from './address.ts';
import { Admission } from './admission.ts';
import { Deframer, framed } from './framing.ts';

/** The answer to a message that came over `socket`; null for none. */
export type StreamQuery = (message: Buffer, socket: Socket) => Promise<Buffer | null>;

/** RFC 7766 §6.2.3 asks for a few seconds. */
const IDLE = 10_000;
/** No query needs as much: a name, an OPT record and its options. */
const MAX_QUERY = 4096;
/** Queries of one connection that may be under way; reading stops meanwhile. */
const PIPELINE = 32;
/** Answers that the client does not read. */
const MAX_UNREAD = 256 * 1024;

/** DNS over TCP (RFC 7766): many queries in a stream, answered as each is ready. */
export class TcpListener {
  readonly #port: number;
  readonly #side: LanSideSource;
  readonly #answer: StreamQuery;
  readonly #device: (from: string) => string;
  readonly #log: Log;
  readonly #connections = new Set<Socket>();
  readonly #admission = new Admission({ total: 128, perDevice: 16 });
  #server: Server | undefined;

  /** @param parts.device names the device behind an address, for its share of the connections */
  constructor(parts: {
    port: number;
    side: LanSideSource;
    answer: StreamQuery;
    device: (from: string) => string;
    log: Log;
  }) {
    this.#port = parts.port;
    this.#side = parts.side;
    this.#answer = parts.answer;
    this.#device = parts.device;
    this.#log = parts.log;
  }

  async start(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    server.on('error', (error) => this.#log.error('DNS over TCP cannot listen', error));
    // Without a host: dual stack where the kernel has IPv6.
    server.listen(this.#port);
    await once(server, 'listening');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const device = this.#device(socket.remoteAddress ?? '');
    if (!isLanSide(this.#side, socket) || !this.#admission.enter(device)) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#admission.leave(device);
    });
    serve(socket, this.#answer);
  }
}

/** Was the connection made to one of the router's LAN addresses, and not to the provider's side? */
export function isLanSide(side: LanSideSource, socket: Socket): boolean {
  const local = plainAddress(socket.localAddress ?? '');
  return side.current().addresses.some((address) => plainAddress(address) === local);
}

function serve(socket: Socket, answer: StreamQuery): void {
  const deframer = new Deframer();
  let underWay = 0;
  let ended = false;

  const settle = (response: Buffer | null): void => {
    underWay -= 1;
    if (socket.destroyed) return;
    if (response !== null) socket.write(framed(response));
    if (socket.writableLength > MAX_UNREAD) socket.destroy();
    else if (underWay === 0 && ended) socket.end();
    else if (underWay < PIPELINE) socket.resume();
  };

  // A message must be whole within the time since the last: single octets do not keep a connection.
  let idle = setTimeout(() => socket.destroy(), IDLE);
  socket.on('close', () => clearTimeout(idle));
  // 'close' follows.
  socket.on('error', () => undefined);
  socket.on('end', () => {
    ended = true;
    if (underWay === 0) socket.end();
  });
  socket.on('data', (chunk) => {
    const messages = deframer.push(chunk);
    if (deframer.held > MAX_QUERY || messages.some((message) => message.length > MAX_QUERY)) {
      socket.destroy();
      return;
    }
    if (messages.length > 0) {
      clearTimeout(idle);
      idle = setTimeout(() => socket.destroy(), IDLE);
    }
    underWay += messages.length;
    if (underWay >= PIPELINE) socket.pause();
    for (const message of messages) {
      answer(message, socket).then(settle, () => socket.destroy());
    }
  });
}

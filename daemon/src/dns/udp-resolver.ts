import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Clock } from '../clock/clock.ts';
import type { Query } from './query.ts';
import { answers } from './response.ts';

export interface ResolverAddress {
  readonly address: string;
  readonly port: number;
}

/** Clients ask again after five seconds. */
export const RESOLVER_TIMEOUT = 4500;

const SOCKETS = 4;

interface Pending {
  readonly query: Query;
  readonly settle: (response: Buffer | null) => void;
}

interface Channel {
  readonly socket: Socket;
  /** By the random id under which a query was sent. */
  readonly pending: Map<number, Pending>;
}

/**
 * Asks the router's own resolver over UDP, with the client's bytes except for the id. A few connected sockets, so that
 * the kernel drops what comes from elsewhere and says at once when nobody listens; a query goes out by any of them.
 */
export class UdpResolver {
  readonly #at: ResolverAddress;
  readonly #clock: Clock;
  #channels: Channel[] = [];

  constructor(at: ResolverAddress, clock: Clock) {
    this.#at = at;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    for (let count = 0; count < SOCKETS; count += 1) this.#channels.push(await this.#open());
  }

  stop(): void {
    for (const channel of this.#channels) {
      channel.socket.close();
      failAll(channel);
    }
    this.#channels = [];
  }

  /** The resolver's answer under the client's id; null where none came in time. */
  ask(query: Query): Promise<Buffer | null> {
    const channel = this.#channels[randomInt(SOCKETS)];
    if (channel === undefined) return Promise.resolve(null);
    return new Promise((resolve) => {
      const id = freeId(channel.pending);
      const settle = (response: Buffer | null): void => {
        cancel();
        channel.pending.delete(id);
        resolve(response);
      };
      const cancel = this.#clock.after(RESOLVER_TIMEOUT, () => settle(null));
      channel.pending.set(id, { query, settle });
      const bytes = Buffer.from(query.bytes);
      bytes.writeUInt16BE(id, 0);
      channel.socket.send(bytes, (error) => {
        if (error !== null) settle(null);
      });
    });
  }

  async #open(): Promise<Channel> {
    const socket = createSocket(isIPv6(this.#at.address) ? 'udp6' : 'udp4');
    const channel: Channel = { socket, pending: new Map() };
    // ECONNREFUSED and the like: the resolver is not there.
    socket.on('error', () => failAll(channel));
    socket.on('message', (response) => receive(channel, response));
    socket.connect(this.#at.port, this.#at.address);
    await once(socket, 'connect');
    return channel;
  }
}

function receive({ pending }: Channel, response: Buffer): void {
  if (response.length < 2) return;
  const id = response.readUInt16BE(0);
  const asked = pending.get(id);
  if (asked === undefined || !answers(response, asked.query, id)) return;
  asked.query.bytes.copy(response, 0, 0, 2);
  asked.settle(response);
}

function failAll({ pending }: Channel): void {
  for (const { settle } of [...pending.values()]) settle(null);
}

function freeId(pending: ReadonlyMap<number, unknown>): number {
  let id = randomInt(65_536);
  while (pending.has(id)) id = randomInt(65_536);
  return id;
}

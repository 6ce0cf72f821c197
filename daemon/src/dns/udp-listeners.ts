import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { codeOf } from '@khien/shared/error';
import type { Clock } from '../clock/clock.ts';
import type { LanSideSource } from '../devices/lan-side.ts';
import type { Log } from '../log.ts';

export type Datagram = (message: Buffer, from: RemoteInfo, socket: Socket) => void;

const NOTHING = Buffer.alloc(0);
/** RFC 863. */
const DISCARD_PORT = 9;

/** How long until an address that could not be bound is tried again: it may still be tentative (RFC 4862 §5.4). */
const RETRY = 1000;

/**
 * Takes the place of the look-up of names in sockets that are given addresses only: Node's own costs a tick for each answer, a
 * tenth of a blocked query's time.
 */
const asItIs: NonNullable<SocketOptions['lookup']> = (address, _options, callback) =>
  callback(null, address, isIPv6(address) ? 6 : 4);

/**
 * One UDP socket for each of the router's LAN addresses, so that an answer leaves from the address that was asked,
 * which the kernel's reverse rewriting relies on. Follows the addresses as they come and go.
 */
export class UdpListeners {
  readonly #side: LanSideSource;
  readonly #port: number;
  readonly #receive: Datagram;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sockets = new Map<string, Socket>();
  #work: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;
  #running = false;

  constructor(parts: { side: LanSideSource; port: number; receive: Datagram; clock: Clock; log: Log }) {
    this.#side = parts.side;
    this.#port = parts.port;
    this.#receive = parts.receive;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Resolves when every present address has been tried; those that failed are tried again until they go. */
  async start(): Promise<void> {
    this.#running = true;
    this.#unsubscribe = this.#side.onChange(() => this.#follow());
    this.#follow();
    await this.#work;
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#unsubscribe();
    this.#cancelRetry();
    this.#follow();
    await this.#work;
  }

  /** Sends an empty datagram to the discard port of the router itself: the kernel sees that somebody is here. */
  showLife(): void {
    for (const [address, socket] of this.#sockets) {
      socket.send(NOTHING, DISCARD_PORT, address, () => undefined);
      return;
    }
  }

  #follow(): void {
    this.#work = this.#work.then(() => this.#reconcile());
  }

  async #reconcile(): Promise<void> {
    this.#cancelRetry();
    const wanted = new Set(this.#running ? this.#side.current().addresses : []);
    for (const [address, socket] of this.#sockets) {
      if (wanted.has(address)) continue;
      socket.close();
      this.#sockets.delete(address);
    }
    let failed = false;
    for (const address of wanted) {
      if (!this.#sockets.has(address) && !(await this.#bind(address))) failed = true;
    }
    if (failed && this.#running) this.#cancelRetry = this.#clock.after(RETRY, () => this.#follow());
  }

  async #bind(address: string): Promise<boolean> {
    const socket = isIPv6(address)
      ? createSocket({ type: 'udp6', ipv6Only: true, lookup: asItIs })
      : createSocket({ type: 'udp4', lookup: asItIs });
    try {
      // Without a look-up it listens before `bind` returns.
      const listening = once(socket, 'listening');
      socket.bind({ address, port: this.#port, exclusive: true });
      await listening;
    } catch (error) {
      socket.close();
      this.#log.warn(`DNS at ${address}: ${codeOf(error)}, trying again`);
      return false;
    }
    // Errors of sending: the client will ask again.
    socket.on('error', () => undefined);
    socket.on('message', (message, from) => this.#receive(message, from, socket));
    this.#sockets.set(address, socket);
    return true;
  }
}

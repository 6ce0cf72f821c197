import { randomInt } from 'node:crypto';
import { connect } from 'node:net';
import type { Clock } from '../clock/clock.ts';
import { Deframer, framed } from './framing.ts';
import type { Query } from './query.ts';
import { answers } from './response.ts';
import { RESOLVER_TIMEOUT, type ResolverAddress } from './udp-resolver.ts';

/** dnsmasq makes a process for each connection and stops at 20 (its MAX_PROCS). */
const CONNECTIONS = 8;

/** Asks the router's own resolver over TCP: a connection for each query, few at a time, the others wait their turn. */
export class TcpResolver {
  readonly #at: ResolverAddress;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  constructor(at: ResolverAddress, clock: Clock) {
    this.#at = at;
    this.#clock = clock;
  }

  /** The resolver's answer under the client's id; null where none came in time. The wait for a turn counts. */
  ask(query: Query): Promise<Buffer | null> {
    return new Promise((resolve) => {
      let abandon: () => void = () => undefined;
      const cancel = this.#clock.after(RESOLVER_TIMEOUT, () => {
        abandon();
        resolve(null);
      });
      const begin = (): void => {
        this.#open += 1;
        const exchange = exchangeOnce(this.#at, query);
        abandon = exchange.abandon;
        void exchange.done.then((response) => {
          cancel();
          resolve(response);
          this.#open -= 1;
          this.#waiting.shift()?.();
        });
      };
      if (this.#open < CONNECTIONS) return begin();
      this.#waiting.push(begin);
      abandon = () => {
        const at = this.#waiting.indexOf(begin);
        if (at !== -1) this.#waiting.splice(at, 1);
      };
    });
  }
}

interface Exchange {
  /** Never rejects. */
  readonly done: Promise<Buffer | null>;
  abandon(): void;
}

function exchangeOnce(at: ResolverAddress, query: Query): Exchange {
  const id = randomInt(65_536);
  const socket = connect(at.port, at.address);
  const deframer = new Deframer();
  const done = new Promise<Buffer | null>((resolve) => {
    socket.on('data', (chunk) => {
      const response = deframer.push(chunk).find((message) => answers(message, query, id));
      if (response === undefined) return;
      query.bytes.copy(response, 0, 0, 2);
      resolve(response);
      socket.destroy();
    });
    // 'close' follows and is the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(null));
  });
  const bytes = framed(query.bytes);
  bytes.writeUInt16BE(id, 2);
  socket.write(bytes);
  return { done, abandon: () => socket.destroy() };
}

import { NetlinkError } from './error.ts';
import { eachMessage, type NetlinkMessage, numberMessages } from './message.ts';
import type { OpenTransport, Transport } from './transport.ts';

/** The messages sent together, whose replies carry the sequence numbers `first` to `last`. */
interface Exchange {
  readonly first: number;
  readonly last: number;
  readonly receive: (message: NetlinkMessage) => void;
  readonly fail: (error: unknown) => void;
}

/** How an exchange ends. `first` is the sequence number of its first message, of `count`. */
export interface Outcome<T> {
  readonly first: number;
  readonly count: number;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A socket shared by concurrent exchanges, told apart by sequence numbers. It is opened by the first use. When it fails,
 * all that is pending is rejected and the next use opens another.
 */
export class Channel {
  readonly #open: OpenTransport;
  readonly #exchanges = new Set<Exchange>();
  #transport: Transport | undefined;
  #sequence = 0;
  #closed = false;

  constructor(open: OpenTransport) {
    this.#open = open;
  }

  get sendLimit(): number {
    return this.#connected().sendLimit;
  }

  /** Sends a datagram; `begin` returns what gets the replies and ends the exchange. */
  exchange<T>(
    datagram: Buffer,
    begin: (outcome: Outcome<T>) => (message: NetlinkMessage) => void,
  ): Promise<T> {
    return new Promise((fulfil, refuse) => {
      const transport = this.#connected();
      if (datagram.length > transport.sendLimit) throw tooLarge(datagram.length, transport.sendLimit);
      // Events carry sequence 0, so none of ours may come near the wrap-around.
      if (this.#sequence > 0x7fff_ffff) this.#sequence = 0;
      const first = this.#sequence + 1;
      const count = numberMessages(datagram, first);
      const last = this.#sequence + count;
      this.#sequence = last;
      const end = (act: () => void) => {
        this.#exchanges.delete(exchange);
        act();
      };
      const reject = (error: unknown) => end(() => refuse(error));
      const resolve = (value: T) => end(() => fulfil(value));
      const exchange: Exchange = {
        first,
        last,
        receive: begin({ first, count, resolve, reject }),
        fail: reject,
      };
      this.#exchanges.add(exchange);
      transport.send(datagram, reject);
    });
  }

  /** Rejects all that is pending with ECANCELED and closes the socket. */
  close(): void {
    this.#closed = true;
    this.#transport?.close();
    this.#fail(closed());
  }

  #connected(): Transport {
    if (this.#closed) throw closed();
    this.#transport ??= this.#open({
      message: (datagram) => this.#receive(datagram),
      failed: (error) => this.#fail(error),
    });
    return this.#transport;
  }

  #receive(datagram: Buffer): void {
    try {
      for (const message of eachMessage(datagram)) this.#dispatch(message);
    } catch (error) {
      this.#transport?.close();
      this.#fail(error);
    }
  }

  #dispatch(message: NetlinkMessage): void {
    for (const { first, last, receive } of this.#exchanges) {
      if (message.sequence >= first && message.sequence <= last) {
        receive(message);
        return;
      }
    }
  }

  #fail(error: unknown): void {
    this.#transport = undefined;
    for (const exchange of [...this.#exchanges]) exchange.fail(error);
  }
}

function closed(): NetlinkError {
  return new NetlinkError('ECANCELED', 'the netlink connection was closed');
}

function tooLarge(length: number, limit: number): NetlinkError {
  return new NetlinkError(
    'EMSGSIZE',
    `a transaction of ${length} bytes does not fit the socket's send buffer of ${limit}; split it or raise net.core.wmem_max`,
  );
}

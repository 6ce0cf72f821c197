import { NetlinkError } from './error.ts';
import { eachMessage, type NetlinkMessage, numberMessages } from './message.ts';
import type { OpenTransport, Transport } from './transport.ts';

/** Messages sent together, whose replies carry the sequence numbers `first` to `last`. */
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
 * Exchanges over one socket, one after another: replies that wait to be read are then never more than one exchange
 * makes. The socket is opened by the first use. When it fails, the exchange is rejected and the next one opens another.
 */
export class Channel {
  readonly #open: OpenTransport;
  #transport: Transport | undefined;
  #current: Exchange | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #closed = false;

  constructor(open: OpenTransport) {
    this.#open = open;
  }

  get sendLimit(): number {
    return this.#connected().sendLimit;
  }

  /** Sends a datagram when its turn comes; `begin` returns what gets the replies and ends the exchange. */
  exchange<T>(datagram: Buffer, begin: (outcome: Outcome<T>) => Exchange['receive']): Promise<T> {
    const result = this.#turn.then(() => this.#exchangeNow(datagram, begin));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Rejects all that is pending with ECANCELED and closes the socket. */
  close(): void {
    this.#closed = true;
    this.#transport?.close();
    this.#fail(closed());
  }

  #exchangeNow<T>(datagram: Buffer, begin: (outcome: Outcome<T>) => Exchange['receive']): Promise<T> {
    return new Promise((fulfil, refuse) => {
      const transport = this.#connected();
      checkSize(datagram, transport);
      // Events carry sequence 0, so none of ours may come near the wrap-around.
      if (this.#sequence > 0x7fff_ffff) this.#sequence = 0;
      const first = this.#sequence + 1;
      const count = numberMessages(datagram, first);
      this.#sequence += count;
      const resolve = (value: T) => {
        this.#current = undefined;
        fulfil(value);
      };
      const reject = (error: unknown) => {
        this.#current = undefined;
        refuse(error);
      };
      const receive = begin({ first, count, resolve, reject });
      this.#current = { first, last: this.#sequence, receive, fail: reject };
      transport.send(datagram, (error) => this.#fail(error));
    });
  }

  #connected(): Transport {
    if (this.#closed) throw closed();
    this.#transport ??= this.#open({
      message: (datagram) => this.#receive(datagram),
      failed: (error) => {
        this.#transport = undefined;
        this.#fail(error);
      },
    });
    return this.#transport;
  }

  #receive(datagram: Buffer): void {
    try {
      for (const message of eachMessage(datagram)) {
        const current = this.#current;
        if (current === undefined) return;
        if (message.sequence >= current.first && message.sequence <= current.last) current.receive(message);
      }
    } catch (error) {
      this.#transport?.close();
      this.#transport = undefined;
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#current?.fail(error);
  }
}

function closed(): NetlinkError {
  return new NetlinkError('ECANCELED', 'the netlink connection was closed');
}

function checkSize(datagram: Buffer, { sendLimit }: Transport): void {
  if (datagram.length <= sendLimit) return;
  throw new NetlinkError(
    'EMSGSIZE',
    `a transaction of ${datagram.length} bytes does not fit the send buffer of ${sendLimit}; split it or raise net.core.wmem_max`,
  );
}

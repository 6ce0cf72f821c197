import { AttributeWriter } from './attribute-writer.ts';
import { failure, NetlinkError, type NetlinkFailure } from './error.ts';
import {
  control,
  eachMessage,
  flag,
  type NetlinkMessage,
  numberMessages,
  reportedErrno,
  writeMessage,
} from './message.ts';
import type { OpenTransport, Transport } from './transport.ts';

/** One message to the kernel. */
export interface NetlinkRequest {
  readonly type: number;
  readonly flags?: number;
  /** Writes what follows the netlink header. */
  readonly body: (writer: AttributeWriter) => void;
  /** Names the request in errors, e.g. `list rules inet filter`. */
  readonly describe: string;
}

/** Whose replies carry the sequence numbers `first` to `last`. */
interface Exchange {
  readonly first: number;
  readonly last: number;
  receive(message: NetlinkMessage): void;
  fail(error: NetlinkError): void;
}

const DUMP_ATTEMPTS = 10;

/**
 * Request, dump and batch over one netlink socket.
 *
 * When replies were lost (ENOBUFS) or the socket failed, all that is pending is rejected and the next use opens a new
 * socket. The socket keeps the event loop alive until `close()`.
 */
export class NetlinkConnection {
  readonly #open: OpenTransport;
  readonly #exchanges = new Set<Exchange>();
  #transport: Transport | undefined;
  #sequence = 0;
  #closed = false;
  #dumps: Promise<unknown> = Promise.resolve();

  constructor(open: OpenTransport) {
    this.#open = open;
  }

  /** The largest batch the kernel takes from this socket, in bytes: twice `net.core.wmem_max`, at most 8 MiB. */
  get sendLimit(): number {
    return this.#connected().sendLimit;
  }

  /** Sends a request and resolves with the payload of its reply, or with undefined when it is only acknowledged. */
  request(request: NetlinkRequest): Promise<Buffer | undefined> {
    return this.#exchange<Buffer | undefined>(encode(request, flag.ack), (resolve, reject) => {
      let reply: Buffer | undefined;
      return (message) => {
        if (message.type !== control.error) reply ??= message.payload;
        else settle(reportedErrno(message), request, () => resolve(reply), reject);
      };
    });
  }

  /**
   * Dumps objects, calling `visit` with the payload of each message, as they arrive and without keeping any. Dumps of
   * one connection run one after another, as the kernel asks.
   *
   * When the objects change meanwhile the kernel flags the dump as inconsistent (NLM_F_DUMP_INTR): then `restart` is
   * called, to forget what was visited, and the dump begins again; without `restart` it rejects with EINTR.
   */
  dump(request: NetlinkRequest, visit: (payload: Buffer) => void, restart?: () => void): Promise<void> {
    const result = this.#dumps.then(() => this.#dumpConsistently(request, visit, restart));
    this.#dumps = result.catch(() => undefined);
    return result;
  }

  /** Dumps objects into a list; see `dump`. */
  async collect<T>(request: NetlinkRequest, parse: (payload: Buffer) => T): Promise<T[]> {
    const found: T[] = [];
    await this.dump(
      request,
      (payload) => found.push(parse(payload)),
      () => found.splice(0),
    );
    return found;
  }

  /**
   * Sends an nfnetlink batch, from its begin to its end message, as one kernel transaction. The last message before
   * the end must ask for an acknowledgement. `describe` names the message at an index; 0 is the begin message.
   */
  batch(datagram: Buffer, describe: (index: number) => string): Promise<void> {
    return this.#exchange<void>(datagram, (resolve, reject, first, count) => {
      const failures: NetlinkFailure[] = [];
      return (message) => {
        if (message.type !== control.error) return;
        const index = (message.sequence - first) >>> 0;
        const errno = reportedErrno(message);
        if (errno !== 0) failures.push(failure(errno, describe(index)));
        // The kernel answers the begin message only when it gives up the batch as a whole.
        if (index !== count - 2 && (index !== 0 || errno === 0)) return;
        const [refused, ...others] = failures;
        if (refused === undefined) resolve();
        else reject(NetlinkError.refused(refused, others));
      };
    });
  }

  /** Rejects all that is pending with ECANCELED and closes the socket. */
  close(): void {
    this.#closed = true;
    this.#transport?.close();
    this.#fail(new NetlinkError('ECANCELED', 'the netlink connection was closed'));
  }

  async #dumpConsistently(
    request: NetlinkRequest,
    visit: (payload: Buffer) => void,
    restart: (() => void) | undefined,
  ): Promise<void> {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      if (attempt > 0) restart?.();
      if (await this.#dumpOnce(request, visit)) return;
      if (restart === undefined) break;
    }
    throw new NetlinkError('EINTR', `${request.describe}: EINTR (the objects changed during the dump)`);
  }

  /** Resolves with whether the dump was consistent. */
  #dumpOnce(request: NetlinkRequest, visit: (payload: Buffer) => void): Promise<boolean> {
    return this.#exchange<boolean>(encode(request, flag.dump), (resolve, reject) => {
      let consistent = true;
      let thrown: { readonly error: unknown } | undefined;
      return (message) => {
        if ((message.flags & flag.dumpInterrupted) !== 0) consistent = false;
        if (message.type === control.error || message.type === control.done) {
          if (thrown !== undefined) reject(thrown.error);
          else settle(reportedErrno(message), request, () => resolve(consistent), reject);
          return;
        }
        // A visitor that throws must not end the exchange: the kernel refuses a new dump before this one is read.
        if (thrown !== undefined) return;
        try {
          visit(message.payload);
        } catch (error) {
          thrown = { error };
        }
      };
    });
  }

  #exchange<T>(
    datagram: Buffer,
    begin: (
      resolve: (value: T) => void,
      reject: (error: unknown) => void,
      first: number,
      count: number,
    ) => (message: NetlinkMessage) => void,
  ): Promise<T> {
    return new Promise((fulfil, reject) => {
      const transport = this.#connected();
      if (datagram.length > transport.sendLimit) throw tooLarge(datagram.length, transport.sendLimit);
      // Sequence 0 is what the kernel gives to events.
      if (this.#sequence > 0x7fff_ffff) this.#sequence = 0;
      const first = this.#sequence + 1;
      const count = numberMessages(datagram, first);
      const last = this.#sequence + count;
      this.#sequence = last;
      const finish = (act: () => void) => {
        this.#exchanges.delete(exchange);
        act();
      };
      const fail = (error: unknown) => finish(() => reject(error));
      const receive = begin((value) => finish(() => fulfil(value)), fail, first, count);
      const exchange: Exchange = { first, last, receive, fail };
      this.#exchanges.add(exchange);
      transport.send(datagram, fail);
    });
  }

  #connected(): Transport {
    if (this.#closed) throw new NetlinkError('ECANCELED', 'the netlink connection was closed');
    this.#transport ??= this.#open({
      message: (datagram) => this.#receive(datagram),
      failed: (error) => this.#fail(error),
    });
    return this.#transport;
  }

  #receive(datagram: Buffer): void {
    try {
      for (const message of eachMessage(datagram)) {
        for (const exchange of this.#exchanges) {
          if (message.sequence < exchange.first || message.sequence > exchange.last) continue;
          exchange.receive(message);
          break;
        }
      }
    } catch (error) {
      this.#transport?.close();
      this.#fail(error instanceof NetlinkError ? error : new NetlinkError('EBADMSG', String(error)));
    }
  }

  #fail(error: NetlinkError): void {
    this.#transport = undefined;
    for (const exchange of [...this.#exchanges]) exchange.fail(error);
  }
}

function encode(request: NetlinkRequest, flags: number): Buffer {
  const writer = new AttributeWriter(256);
  writeMessage(writer, request.type, (request.flags ?? 0) | flags, request.body);
  return writer.written;
}

function settle(
  errno: number,
  request: NetlinkRequest,
  resolve: () => void,
  reject: (error: NetlinkError) => void,
): void {
  if (errno === 0) resolve();
  else reject(NetlinkError.refused(failure(errno, request.describe)));
}

function tooLarge(length: number, limit: number): NetlinkError {
  return new NetlinkError(
    'EMSGSIZE',
    `a transaction of ${length} bytes does not fit the socket's send buffer of ${limit}; split it or raise net.core.wmem_max`,
  );
}

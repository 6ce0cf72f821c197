import { AttributeWriter } from './attribute-writer.ts';
import { Channel } from './channel.ts';
import { failure, NetlinkError, type NetlinkFailure } from './error.ts';
import { control, flag, type NetlinkMessage, reportedErrno, writeMessage } from './message.ts';
import type { OpenTransport } from './transport.ts';

/** One message to the kernel. */
export interface NetlinkRequest {
  readonly type: number;
  readonly flags?: number;
  /** Writes what follows the netlink header. */
  readonly body: (writer: AttributeWriter) => void;
  /** Names the request in errors, e.g. `list rules inet filter`. */
  readonly describe: string;
  /** Where every message of a dump carries the version of what it tells of: a dump of two versions is inconsistent. */
  readonly version?: (payload: Buffer) => number;
}

const DUMP_ATTEMPTS = 10;

/**
 * Requests, dumps and batches of one netlink protocol.
 *
 * Requests and batches share a socket, which keeps the event loop alive until `close()`; when it fails or replies were
 * lost (ENOBUFS), what is pending is rejected and the next use opens another. A dump has a socket to itself, since the kernel
 * runs one dump per socket and sends larger pieces to a socket that reads with large buffers. That of the last dump is kept
 * for the next: the kernel lets nobody close a netfilter socket before it has freed what was deleted from the ruleset
 * (nft_rcv_nl_event), which is some 10 ms after a commit, and the event loop would stand still for them.
 */
export class NetlinkConnection {
  readonly #open: OpenTransport;
  readonly #requests: Channel;
  readonly #dumps = new Set<Channel>();
  /** The socket of a dump that has ended well. */
  #idle: Channel | undefined;
  #closed = false;

  constructor(open: OpenTransport) {
    this.#open = open;
    this.#requests = new Channel(open);
  }

  /** The largest batch the kernel takes from this socket, in bytes. */
  get sendLimit(): number {
    return this.#requests.sendLimit;
  }

  /** Sends a request and resolves with the payload of its reply, or with undefined when it is only acknowledged. */
  request(request: NetlinkRequest): Promise<Buffer | undefined> {
    return this.#requests.exchange<Buffer | undefined>(encode(request, flag.ack), ({ resolve, reject }) => {
      let reply: Buffer | undefined;
      return (message) => {
        if (message.type !== control.error) reply ??= message.payload;
        else if (refusal(message, request) === undefined) resolve(reply);
        else reject(refusal(message, request));
      };
    });
  }

  /**
   * Dumps objects, calling `visit` with the payload of each message, as they arrive and without keeping any.
   *
   * When the objects change meanwhile, which the kernel tells by a flag (NLM_F_DUMP_INTR) or by their version, `restart`
   * is called, to forget what was visited, and the dump begins again; without `restart` it rejects with EINTR.
   */
  async dump(request: NetlinkRequest, visit: (payload: Buffer) => void, restart?: () => void): Promise<void> {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      if (attempt > 0) restart?.();
      if (await this.#dumpOnce(request, visit)) return;
      if (restart === undefined) break;
    }
    throw new NetlinkError('EINTR', `${request.describe}: EINTR (the objects changed during the dump)`);
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
    return this.#requests.exchange<void>(datagram, ({ first, count, resolve, reject }) => {
      const failures: NetlinkFailure[] = [];
      return (message) => {
        if (message.type !== control.error) return;
        const index = message.sequence - first;
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

  /** Rejects all that is pending with ECANCELED and closes the sockets. */
  close(): void {
    this.#closed = true;
    this.#requests.close();
    this.#idle?.close();
    for (const dump of this.#dumps) dump.close();
  }

  /** Resolves with whether the dump was consistent. */
  async #dumpOnce(request: NetlinkRequest, visit: (payload: Buffer) => void): Promise<boolean> {
    const channel = this.#idle ?? new Channel((handlers) => this.#open(handlers, { largeReplies: true }));
    this.#idle = undefined;
    if (this.#closed) channel.close();
    this.#dumps.add(channel);
    try {
      const consistent = await dumpOver(channel, request, visit);
      if (!this.#closed) this.#idle ??= channel;
      return consistent;
    } finally {
      this.#dumps.delete(channel);
      if (this.#idle !== channel) channel.close();
    }
  }
}

function dumpOver(
  channel: Channel,
  request: NetlinkRequest,
  visit: (payload: Buffer) => void,
): Promise<boolean> {
  return channel.exchange<boolean>(encode(request, flag.dump), ({ resolve, reject }) => {
    let consistent = true;
    let version: number | undefined;
    return (message) => {
      if ((message.flags & flag.dumpInterrupted) !== 0) consistent = false;
      if (message.type === control.error || message.type === control.done) {
        if (refusal(message, request) === undefined) resolve(consistent);
        else reject(refusal(message, request));
        return;
      }
      const current = request.version?.(message.payload);
      version ??= current;
      if (current !== version) consistent = false;
      visit(message.payload);
    };
  });
}

function encode(request: NetlinkRequest, flags: number): Buffer {
  const writer = new AttributeWriter(256);
  writeMessage(writer, request.type, (request.flags ?? 0) | flags, request.body);
  return writer.written;
}

function refusal(message: NetlinkMessage, { describe }: NetlinkRequest): NetlinkError | undefined {
  const errno = reportedErrno(message);
  return errno === 0 ? undefined : NetlinkError.refused(failure(errno, describe));
}

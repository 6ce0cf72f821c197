// The package's index loads its generated rtnetlink, nl80211 and WireGuard families (about 13 MB); this module is the
// socket alone.
import { RawNetlinkSocket } from 'netlink/dist/raw.js';
import { NetlinkError } from './error.ts';
import { refusalMemory } from './message.ts';
import { descriptorOf, readPending } from './pending-error.ts';
import { withBufferLimit } from './socket-buffer.ts';
import type { OpenTransport, Transport, TransportHandlers, TransportOptions } from './transport.ts';

export const protocol = { route: 0, netfilter: 12 } as const;

// The kernel doubles what is asked for (sk_setsockopt).
const SEND_BUFFER = 4 << 20;
const RECEIVE_BUFFER = 8 << 20;
// netlink_sendmsg() refuses what is longer than sk_sndbuf - 32.
const SEND_OVERHEAD = 32;
const LARGEST_DUMP_MESSAGE = 32 << 10;

/** Opens kernel sockets of a netlink protocol. They join no multicast groups: see Subscription. */
export function openSocket(protocolNumber: number): OpenTransport {
  return (handlers, options = {}) => {
    try {
      return new SocketTransport(protocolNumber, newSocket(protocolNumber, options), handlers);
    } catch (error) {
      throw new NetlinkError(systemCode(error), `netlink socket: ${String(error)}`);
    }
  };
}

/**
 * The binding ends the process when a callback of its throws, or when anything that a callback sets off throws: so all
 * that comes from it is handled in a turn of the event loop of its own. Nor may a socket be closed inside a callback.
 */
class SocketTransport implements Transport {
  readonly sendLimit: number;
  readonly #protocol: number;
  readonly #socket: RawNetlinkSocket;
  readonly #handlers: TransportHandlers;
  readonly #inbox: (() => void)[] = [];
  #open = true;

  constructor(protocolNumber: number, socket: RawNetlinkSocket, handlers: TransportHandlers) {
    this.#protocol = protocolNumber;
    this.#socket = socket;
    this.#handlers = handlers;
    this.sendLimit = socket.getSendBufferSize() - SEND_OVERHEAD;
    socket.on('message', (datagram, sender) => {
      // Only the kernel has port 0: any process may send to our port.
      if (sender.port === 0) this.#later(() => handlers.message(datagram));
    });
    socket.on('truncatedMessage', () => this.#fail('ENOBUFS', 'a message was too long'));
    socket.on('error', (error) => this.#fail(systemCode(error), error.message));
  }

  send(datagram: Buffer, failed: (error: NetlinkError) => void): void {
    const refused = (error: unknown) =>
      this.#later(() => failed(new NetlinkError(systemCode(error), `netlink send: ${String(error)}`)));
    try {
      const mayOverrun = refusalMemory(datagram) > this.#socket.getRecvBufferSize();
      // The callback comes before the socket is polled.
      this.#socket.send(datagram, {}, (error) => {
        if (error !== undefined) refused(error);
        else if (mayOverrun) this.#readPending();
      });
    } catch (error) {
      refused(error);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    setImmediate(() => this.#socket.close());
  }

  #readPending(): void {
    try {
      const descriptor = descriptorOf(this.#protocol, this.#socket.address().port);
      const pending = descriptor === undefined ? undefined : readPending(descriptor);
      if (pending === 'overrun') this.#fail('ENOBUFS', 'more was refused than the socket holds');
      else if (pending !== undefined) this.#later(() => this.#handlers.message(pending));
    } catch (error) {
      this.#fail(systemCode(error), String(error));
    }
  }

  #fail(code: string, why: string): void {
    this.#later(() => {
      this.close();
      this.#handlers.failed(new NetlinkError(code, `netlink receive: ${why}`));
    });
  }

  #later(act: () => void): void {
    this.#inbox.push(act);
    if (this.#inbox.length === 1) setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    const received = this.#inbox.splice(0);
    for (let index = 0; index < received.length && this.#open; index++) {
      try {
        received[index]?.();
      } catch (error) {
        // The error of a handler is its owner's, and must not keep the others from theirs.
        setImmediate(() => {
          throw error;
        });
      }
    }
  }
}

function newSocket(protocolNumber: number, { largeReplies = false }: TransportOptions): RawNetlinkSocket {
  // Zero leaves the system's defaults.
  const socket = new RawNetlinkSocket(protocolNumber, {
    sendBufferSize: 0,
    recvBufferSize: 0,
    messagePeeking: !largeReplies,
    msgBufferSize: LARGEST_DUMP_MESSAGE,
  });
  // A dump waits for its reader, and is asked for by a few bytes.
  if (largeReplies) return socket;
  try {
    withBufferLimit('wmem_max', SEND_BUFFER, () => socket.setSendBufferSize(SEND_BUFFER));
    withBufferLimit('rmem_max', RECEIVE_BUFFER, () => socket.setRecvBufferSize(RECEIVE_BUFFER));
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

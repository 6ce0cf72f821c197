// The package's index loads its generated rtnetlink, nl80211 and WireGuard families (about 13 MB); this module is the
// socket alone.
import { RawNetlinkSocket } from 'netlink/dist/raw.js';
import { NetlinkError } from './error.ts';
import { descriptorOf, OverrunGuard } from './overrun-guard.ts';
import { withBufferLimit } from './socket-buffer.ts';
import type { OpenTransport, Transport, TransportHandlers, TransportOptions } from './transport.ts';

export const protocol = { route: 0, netfilter: 12 } as const;

// The kernel doubles what is asked for (sk_setsockopt).
const SEND_BUFFER = 4 << 20;
const RECEIVE_BUFFER = 8 << 20;
// netlink_sendmsg() refuses what is longer than sk_sndbuf - 32.
const SEND_OVERHEAD = 32;
const LARGEST_DUMP_MESSAGE = 32 << 10;

/** Opens kernel sockets of a netlink protocol that listen to multicast `groups`. */
export function openSocket(protocolNumber: number, groups: readonly number[] = []): OpenTransport {
  return (handlers, options = {}) => {
    try {
      const socket = newSocket(protocolNumber, groups, options);
      const multicast = groups.length > 0;
      return new SocketTransport(
        socket,
        handlers,
        multicast ? descriptorOf(protocolNumber, socket.address().port) : undefined,
      );
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
  readonly receiveLimit: number;
  readonly #socket: RawNetlinkSocket;
  readonly #inbox: (() => void)[] = [];
  readonly #guard: OverrunGuard | undefined;
  #open = true;

  /** With a `descriptor` the socket is guarded against overruns, as multicast sockets need. */
  constructor(socket: RawNetlinkSocket, handlers: TransportHandlers, descriptor: number | undefined) {
    this.#socket = socket;
    this.sendLimit = socket.getSendBufferSize() - SEND_OVERHEAD;
    this.receiveLimit = socket.getRecvBufferSize();
    const failed = (error: NetlinkError) => {
      this.close();
      handlers.failed(error);
    };
    const overrun = () => failed(new NetlinkError('ENOBUFS', 'netlink receive: messages were lost'));
    if (descriptor !== undefined) {
      this.#guard = new OverrunGuard(descriptor, {
        message: (datagram) => this.#later(() => handlers.message(datagram)),
        overrun: () => this.#later(overrun),
      });
    }
    socket.on('message', (datagram, sender) => {
      // Only the kernel has port 0: any process may send to our port.
      if (sender.port === 0) this.#later(() => handlers.message(datagram));
    });
    socket.on('truncatedMessage', () =>
      this.#later(() => failed(new NetlinkError('ENOBUFS', 'netlink receive: a message was too long'))),
    );
    socket.on('error', (error) =>
      this.#later(() => failed(new NetlinkError(systemCode(error), `netlink receive: ${error.message}`))),
    );
  }

  send(datagram: Buffer, failed: (error: NetlinkError) => void): void {
    const refused = (error: unknown) =>
      this.#later(() => failed(new NetlinkError(systemCode(error), `netlink send: ${String(error)}`)));
    try {
      this.#socket.send(datagram, {}, (error) => {
        if (error !== undefined) refused(error);
      });
    } catch (error) {
      refused(error);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#guard?.close();
    setImmediate(() => this.#socket.close());
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

function newSocket(
  protocolNumber: number,
  groups: readonly number[],
  { largeReplies = false }: TransportOptions,
): RawNetlinkSocket {
  // Zero leaves the system's defaults, so that the buffers are set once, below.
  const socket = new RawNetlinkSocket(protocolNumber, {
    sendBufferSize: 0,
    recvBufferSize: 0,
    messagePeeking: !largeReplies,
    msgBufferSize: LARGEST_DUMP_MESSAGE,
  });
  try {
    withBufferLimit('wmem_max', SEND_BUFFER, () => socket.setSendBufferSize(SEND_BUFFER));
    withBufferLimit('rmem_max', RECEIVE_BUFFER, () => socket.setRecvBufferSize(RECEIVE_BUFFER));
    for (const group of groups) socket.addMembership(group);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

// The package's index loads its generated rtnetlink, nl80211 and WireGuard families (about 13 MB); this module is the
// socket alone.
import { RawNetlinkSocket } from 'netlink/dist/raw.js';
import { NetlinkError } from './error.ts';

export interface TransportHandlers {
  /** A datagram from the kernel: one or more whole messages. */
  message(datagram: Buffer): void;
  /** The socket is of no use any more; replies or events may have been lost. */
  failed(error: NetlinkError): void;
}

/** A netlink socket, or what a test puts in its place. */
export interface Transport {
  /** The largest datagram the kernel takes, in bytes. */
  readonly sendLimit: number;
  /** The kernel acts on a datagram before this returns. The buffer must stay untouched until the reply. */
  send(datagram: Buffer, failed: (error: NetlinkError) => void): void;
  close(): void;
}

export interface TransportOptions {
  /**
   * Reads with buffers of 32 KiB, the largest that the kernel fills with a dump (netlink_recvmsg), instead of asking
   * for the length of each message first. What is longer fails.
   */
  readonly largeReplies?: boolean;
}

/** Opens a socket; throws NetlinkError. */
export type OpenTransport = (handlers: TransportHandlers, options?: TransportOptions) => Transport;

export const protocol = { route: 0, netfilter: 12 } as const;

// Asked for; the kernel grants at most net.core.{w,r}mem_max, doubled (sock_setsockopt).
const SEND_BUFFER = 4 << 20;
const RECEIVE_BUFFER = 4 << 20;
// netlink_sendmsg() refuses what is longer than sk_sndbuf - 32.
const SEND_OVERHEAD = 32;
const LARGEST_DUMP_MESSAGE = 32 << 10;

/** Opens a kernel socket of a netlink protocol that listens to multicast `groups`. Throws NetlinkError. */
export function openSocket(protocolNumber: number, groups: readonly number[] = []): OpenTransport {
  return (handlers, options = {}) => {
    const socket = opened(protocolNumber, groups, options);
    let open = true;
    const shut = () => {
      open = false;
      // Closing inside one of the binding's own callbacks would free what it still uses.
      setImmediate(() => socket.close());
    };
    const fail = (error: NetlinkError) => {
      if (!open) return;
      shut();
      handlers.failed(error);
    };
    socket.on('message', (datagram, sender) => {
      // Only the kernel has port 0: another process could send us anything.
      if (open && sender.port === 0) handlers.message(datagram);
    });
    socket.on('truncatedMessage', () => fail(new NetlinkError('ENOBUFS', 'netlink reply truncated')));
    socket.on('error', (error) => fail(receiveError(error)));
    return {
      sendLimit: socket.getSendBufferSize() - SEND_OVERHEAD,
      send(datagram, failed) {
        const refused = (error: unknown) =>
          failed(new NetlinkError(systemCode(error), `netlink send: ${String(error)}`));
        try {
          socket.send(datagram, {}, (error) => {
            if (error !== undefined) refused(error);
          });
        } catch (error) {
          refused(error);
        }
      },
      close() {
        if (open) shut();
      },
    };
  };
}

function opened(
  protocolNumber: number,
  groups: readonly number[],
  { largeReplies = false }: TransportOptions,
): RawNetlinkSocket {
  try {
    const socket = new RawNetlinkSocket(protocolNumber, {
      sendBufferSize: SEND_BUFFER,
      recvBufferSize: RECEIVE_BUFFER,
      messagePeeking: !largeReplies,
      msgBufferSize: LARGEST_DUMP_MESSAGE,
    });
    for (const group of groups) socket.addMembership(group);
    return socket;
  } catch (error) {
    throw new NetlinkError(systemCode(error), `netlink socket: ${String(error)}`);
  }
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

/**
 * An overrun (ENOBUFS) is a pending socket error. libuv turns that into EBADF, after which the binding closes the
 * socket; when a read meets it first, it comes as ENOBUFS.
 */
function receiveError(error: Error & { code: string }): NetlinkError {
  const code = error.code === 'EBADF' ? 'ENOBUFS' : error.code;
  return new NetlinkError(
    code,
    `netlink receive: ${code === 'ENOBUFS' ? 'messages were lost (ENOBUFS)' : error.message}`,
  );
}

import type { NetlinkError } from './error.ts';

export interface TransportHandlers {
  /** A datagram from the kernel: one or more whole messages. */
  message(datagram: Buffer): void;
  /** The socket is of no use any more; replies or events may have been lost. */
  failed(error: NetlinkError): void;
}

/** A netlink socket, or what a test puts in its place. It calls no handler before `send` or the constructor returns. */
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

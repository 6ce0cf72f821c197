import { readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

const INTERVAL_MILLISECONDS = 200;
const LONGEST_MESSAGE = 64 << 10;
const READS = 1000;

export interface OverrunHandlers {
  message(datagram: Buffer): void;
  /** The kernel had to drop messages. */
  overrun(): void;
}

/**
 * Keeps an overrun of a multicast socket from ending the process while the event loop stands still.
 *
 * An overrun is a pending error of the socket. When libuv polls the socket before anybody has read the error, the binding
 * (netlink 0.3.0) throws where nobody can catch it: it makes a string of a null pointer. But after a standstill timers
 * run before the loop polls again: this one reads the socket by its descriptor, and the error with it.
 *
 * An overrun in the moment between two polls still ends the process. That takes thousands of events in milliseconds: what
 * makes so many (nf_tables) must not be subscribed to.
 */
export class OverrunGuard {
  readonly #descriptor: number;
  readonly #handlers: OverrunHandlers;
  readonly #buffer = Buffer.alloc(LONGEST_MESSAGE);
  readonly #timer: NodeJS.Timeout;

  constructor(descriptor: number, handlers: OverrunHandlers) {
    this.#descriptor = descriptor;
    this.#handlers = handlers;
    this.#timer = setInterval(() => this.#drain(), INTERVAL_MILLISECONDS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #drain(): void {
    try {
      for (let reads = 0; reads < READS; reads++) {
        const length = readSync(this.#descriptor, this.#buffer);
        this.#handlers.message(Buffer.from(this.#buffer.subarray(0, length)));
      }
    } catch (error) {
      // Otherwise there is nothing (more) to read: EAGAIN.
      if (error instanceof Error && 'code' in error && error.code === 'ENOBUFS') this.#handlers.overrun();
    }
  }
}

/** The descriptor of this process's netlink socket with a port, by way of /proc; undefined when it is not found there. */
export function descriptorOf(protocol: number, port: number): number | undefined {
  const inode = inodeOf(readFileSync('/proc/self/net/netlink', 'utf8'), protocol, port);
  if (inode === undefined) return undefined;
  const name = readdirSync('/proc/self/fd').find((descriptor) => linkOf(descriptor) === `socket:[${inode}]`);
  return name === undefined ? undefined : Number(name);
}

/** Finds a socket in the text of /proc/net/netlink: columns sk, Eth, Pid, …, Inode (netlink_native_seq_show). */
export function inodeOf(text: string, protocol: number, port: number): string | undefined {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.find((row) => row[1] === String(protocol) && row[2] === String(port >>> 0))?.at(-1);
}

function linkOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since the directory was read.
    return undefined;
  }
}

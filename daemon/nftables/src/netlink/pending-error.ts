import { readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

const LONGEST_MESSAGE = 128 << 10;

/** What waits first at a socket: its pending error, a message, or nothing. */
export type Pending = 'overrun' | Buffer | undefined;

/**
 * Reads what waits first at a non-blocking socket, by its descriptor.
 *
 * An overrun is a pending error of a socket. When libuv polls the socket before anybody has read the error, the binding
 * (netlink 0.3.0) throws where nobody can catch it: it makes a string of a null pointer.
 */
export function readPending(descriptor: number): Pending {
  const buffer = Buffer.alloc(LONGEST_MESSAGE);
  try {
    return buffer.subarray(0, readSync(descriptor, buffer));
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOBUFS' ? 'overrun' : undefined;
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
function inodeOf(text: string, protocol: number, port: number): string | undefined {
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

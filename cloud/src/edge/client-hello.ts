import type { Socket } from 'node:net';
import { take } from './take.ts';

/** RFC 8446 §5.1: type, version, length. */
const HEAD = 5;
const HANDSHAKE = 22;
const LONGEST = 2 ** 14;

/**
 * Waits for the first record of TLS, in which a client says hello, and leaves it to be read. Resolves with whether it is one; not
 * at all where the connection ends before.
 */
export function clientHello(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let head: Buffer | null = null;
    const end = (isHello: boolean): void => {
      socket.off('readable', look);
      resolve(isHello);
    };
    const look = (): void => {
      head ??= take(socket, HEAD);
      if (head === null) return;
      const length = head.readUInt16BE(3);
      if (head[0] !== HANDSHAKE || length === 0 || length > LONGEST) end(false);
      else if (socket.readableLength < length) socket.read(0);
      else {
        socket.unshift(head);
        end(true);
      }
    };
    socket.on('readable', look);
    // What follows the header of a load balancer may be there already.
    look();
  });
}

import type { Socket } from 'node:net';

/** So many bytes, once they are there; till then it is not to be asked again before the socket is readable. */
export function take(socket: Socket, count: number): Buffer | null {
  const bytes: unknown = socket.readableLength < count ? socket.read(0) : socket.read(count);
  return Buffer.isBuffer(bytes) ? bytes : null;
}

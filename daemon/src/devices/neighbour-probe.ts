import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const NOTHING = Buffer.alloc(0);
/** RFC 863. */
const DISCARD_PORT = 9;

/**
 * Makes the kernel find out who has an address: with an empty datagram to send, it asks the neighbours. By sockets of its
 * own, since what waits for an address that nobody has fills the sender's buffer for three seconds.
 */
export class NeighbourProbe {
  readonly #sockets = new Map<'udp4' | 'udp6', Socket>();

  /** @param address of the LAN; a link-local one with its zone */
  ask(address: string): void {
    const type = isIPv6(address.replace(/%.*$/, '')) ? 'udp6' : 'udp4';
    // ENETUNREACH and the like: then nobody has it.
    this.#socket(type).send(NOTHING, DISCARD_PORT, address, () => undefined);
  }

  stop(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #socket(type: 'udp4' | 'udp6'): Socket {
    const there = this.#sockets.get(type);
    if (there !== undefined) return there;
    const socket = createSocket({
      type,
      // Addresses only: nothing is looked up.
      lookup: (host, _options, callback) => callback(null, host, type === 'udp6' ? 6 : 4),
    }).unref();
    socket.on('error', () => undefined);
    this.#sockets.set(type, socket);
    return socket;
  }
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEADER = 12;
const TYPE_A = 1;

/** A name server (RFC 1035) that leads every name to the same IPv4 addresses; or, without any, never answers. */
export class NameServer {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async start(...addresses: readonly string[]): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.on('message', (query, from) => {
      if (addresses.length > 0) socket.send(answerTo(query, addresses), from.port, from.address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new NameServer(socket);
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

function answerTo(query: Buffer, addresses: readonly string[]): Buffer {
  // The name ends with an empty label; its type and class follow.
  const end = query.indexOf(0, HEADER) + 5;
  const question = query.subarray(HEADER, end);
  const isForA = query.readUInt16BE(end - 4) === TYPE_A;
  const answers = isForA ? addresses.length : 0;
  const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, answers, 0, 0, 0, 0]);
  const records = addresses.flatMap((address) => [
    ...[0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4],
    ...address.split('.').map(Number),
  ]);
  return Buffer.concat([header, question, Buffer.from(isForA ? records : [])]);
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEADER = 12;
const TYPE_A = 1;

/** A name server (RFC 1035) that leads every name to one IPv4 address; or, without one, never answers. */
export class NameServer {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async start(address?: string): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.on('message', (query, from) => {
      if (address !== undefined) socket.send(answerTo(query, address), from.port, from.address);
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

function answerTo(query: Buffer, address: string): Buffer {
  // The name ends with an empty label; its type and class follow.
  const end = query.indexOf(0, HEADER) + 5;
  const question = query.subarray(HEADER, end);
  const isForA = query.readUInt16BE(end - 4) === TYPE_A;
  const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isForA ? 1 : 0, 0, 0, 0, 0]);
  const record = [0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)];
  return Buffer.concat([header, question, Buffer.from(isForA ? record : [])]);
}

import { AttributeWriter } from '../netlink/attribute-writer.ts';
import { control, eachMessage, flag, type NetlinkMessage } from '../netlink/message.ts';
import type { OpenTransport, TransportHandlers } from '../netlink/transport.ts';

/** What the kernel would answer to one message; nothing is possible too. */
export type Respond = (message: NetlinkMessage) => readonly Buffer[];

/**
 * Stands in for a kernel socket: keeps what is sent and answers by `respond`, which by default acknowledges what asks
 * for it and ends every dump at once.
 */
export class Recorder {
  readonly datagrams: Buffer[] = [];
  readonly sockets: TransportHandlers[] = [];
  sendLimit = 1 << 20;
  readonly #respond: Respond;

  constructor(respond: Respond = acknowledge) {
    this.#respond = respond;
  }

  readonly open: OpenTransport = (handlers) => {
    let open = true;
    this.sockets.push(handlers);
    return {
      sendLimit: this.sendLimit,
      send: (datagram) => {
        this.datagrams.push(Buffer.from(datagram));
        const replies = [...eachMessage(datagram)].flatMap((message) => this.#respond(message));
        queueMicrotask(() => {
          for (const reply of replies) if (open) handlers.message(reply);
        });
      },
      close: () => {
        open = false;
      },
    };
  };

  /** The messages of all datagrams, in order. */
  get messages(): NetlinkMessage[] {
    return this.datagrams.flatMap((datagram) => [...eachMessage(datagram)]);
  }
}

/** NLMSG_ERROR 0 for what asks for an acknowledgement, NLMSG_DONE for a dump. */
export function acknowledge({ flags, sequence }: NetlinkMessage): Buffer[] {
  if ((flags & flag.dump) === flag.dump) return [encodeReply(control.done, sequence, Buffer.alloc(4))];
  return (flags & flag.ack) === 0 ? [] : [errorReply(sequence, 0)];
}

/** An NLMSG_ERROR with a positive errno; 0 acknowledges. */
export function errorReply(sequence: number, errno: number): Buffer {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(-errno);
  return encodeReply(control.error, sequence, payload);
}

export function encodeReply(type: number, sequence: number, payload: Uint8Array, flags = 0): Buffer {
  const writer = new AttributeWriter(16 + payload.length);
  const header = writer.reserve(16);
  const body = writer.reserve(payload.length);
  const datagram = writer.written;
  datagram.set(payload, body);
  datagram.writeUInt32LE(16 + payload.length, header);
  datagram.writeUInt16LE(type, header + 4);
  datagram.writeUInt16LE(flags, header + 6);
  datagram.writeUInt32LE(sequence, header + 8);
  return datagram;
}

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { z } from 'zod';
import { Authority } from '../authority/authority.ts';
import type { Resolve } from '../outgoing/address.ts';
import type { Store } from '../store/open.ts';

const HOST = 'hooks.example.vn';
const headersSchema = z.object({
  'webhook-id': z.string(),
  'webhook-timestamp': z.string(),
  'webhook-signature': z.string(),
  'content-type': z.literal('application/json'),
});

interface Received {
  readonly path: string;
  readonly id: string;
  /** Seconds. */
  readonly timestamp: number;
  readonly body: unknown;
  readonly text: string;
  readonly signature: string;
}

/** Somebody's program that is told, on this machine, over TLS. */
export class Receiver {
  readonly received: Received[] = [];
  /** What the next requests are answered with, in turn; 204 when there is none left, nothing at all for 0. */
  readonly answers: { status: number; headers?: Record<string, string> }[] = [];
  readonly ca: string;
  readonly #server: Server;

  private constructor(server: Server, ca: string) {
    this.#server = server;
    this.ca = ca;
  }

  static async start(store: Store): Promise<Receiver> {
    const authority = await Authority.open(store.db, Date.now);
    const { certificate, privateKey } = await authority.serverCertificate([HOST]);
    const server = createServer({ cert: certificate, key: privateKey });
    const receiver = new Receiver(server, authority.certificate);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const headers = headersSchema.parse(request.headers);
        const text = Buffer.concat(parts).toString();
        receiver.received.push({
          path: request.url ?? '',
          id: headers['webhook-id'],
          timestamp: Number(headers['webhook-timestamp']),
          signature: headers['webhook-signature'],
          body: JSON.parse(text),
          text,
        });
        const { status, headers: answered } = receiver.answers.shift() ?? { status: 204 };
        if (status === 0) request.socket.destroy();
        else response.writeHead(status, answered).end('x'.repeat(20_000));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  urlOf(path: string): string {
    return `https://${HOST}${path}`;
  }

  /** Leads here, whatever the host. */
  get resolve(): Resolve {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return () => Promise.resolve({ addresses: ['127.0.0.1'], port: address.port });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** As a receiver checks it, from the text of the standard. */
export function isSigned({ id, timestamp, text, signature }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
  return signature.split(' ').includes(`v1,${expected}`);
}

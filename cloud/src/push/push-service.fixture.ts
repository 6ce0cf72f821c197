import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { z } from 'zod';
import { Authority } from '../authority/authority.ts';
import type { Resolve } from '../outgoing/address.ts';
import type { Store } from '../store/open.ts';

const HOST = 'push.example.vn';
const claimsSchema = z.object({ aud: z.string(), exp: z.number(), sub: z.string() });

/** What a browser received, and how it was sent. */
interface Received {
  readonly browser: string;
  readonly message: unknown;
  readonly ttl: string | undefined;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  readonly claims: z.infer<typeof claimsSchema>;
}

/** A browser as a push service and its own keys know it. */
export interface FakeBrowser {
  readonly name: string;
  readonly subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
}

/**
 * A push service on this machine, over TLS. It takes nothing that is not signed by `vapidKey` (RFC 8292) and encrypted for
 * the browser whose address it came to (RFC 8291), by code that shares nothing with what sends.
 */
export class PushService {
  readonly received: Received[] = [];
  /** What the next requests are answered with, in turn; 201 when there is none left. */
  readonly answers: { status: number; headers?: Record<string, string> }[] = [];
  /** Requests that were taken for wrong, and why. */
  readonly wrong: string[] = [];
  requests = 0;
  readonly ca: string;
  readonly #server: Server;
  readonly #vapidKey: string;
  readonly #browsers = new Map<string, { ecdh: ECDH; auth: Buffer }>();

  private constructor(server: Server, ca: string, vapidKey: string) {
    this.#server = server;
    this.ca = ca;
    this.#vapidKey = vapidKey;
  }

  static async start(store: Store, vapidKey: string): Promise<PushService> {
    const authority = await Authority.open(store.db, Date.now);
    const { certificate, privateKey } = await authority.serverCertificate([HOST]);
    const server = createServer({ cert: certificate, key: privateKey });
    const service = new PushService(server, authority.certificate, vapidKey);
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        service.requests += 1;
        const { status, headers } = service.#take(request.url ?? '', request.headers, Buffer.concat(parts));
        response.writeHead(status, headers).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return service;
  }

  /** Leads to this service, whatever the host. */
  get resolve(): Resolve {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return () => Promise.resolve({ addresses: ['127.0.0.1'], port: address.port });
  }

  browser(name: string): FakeBrowser {
    const ecdh = createECDH('prime256v1');
    const auth = randomBytes(16);
    this.#browsers.set(`/${name}`, { ecdh, auth });
    const keys = { p256dh: ecdh.generateKeys('base64url'), auth: auth.toString('base64url') };
    return { name, subscription: { endpoint: `https://${HOST}/${name}`, keys } };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(
    path: string,
    headers: Record<string, string | string[] | undefined>,
    body: Buffer,
  ): { status: number; headers?: Record<string, string> } {
    const answer = this.answers.shift();
    if (answer !== undefined) return answer;
    try {
      const browser = this.#browsers.get(path);
      if (browser === undefined) return { status: 404 };
      if (headers['content-encoding'] !== 'aes128gcm') throw new Error('content-encoding');
      const text = (name: string) => {
        const value = headers[name];
        return typeof value === 'string' ? value : undefined;
      };
      this.received.push({
        browser: path.slice(1),
        message: JSON.parse(decrypt(body, browser.ecdh, browser.auth)),
        ttl: text('ttl'),
        urgency: text('urgency'),
        topic: text('topic'),
        claims: this.#claimsOf(text('authorization') ?? ''),
      });
      return { status: 201 };
    } catch (error) {
      this.wrong.push(String(error));
      return { status: 400 };
    }
  }

  /** RFC 8292 §3 and RFC 7515. */
  #claimsOf(authorization: string): z.infer<typeof claimsSchema> {
    const found = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization);
    const [, head = '', claims = '', signature = '', key = ''] = found ?? [];
    if (key !== this.#vapidKey) throw new Error(`signed with another key: ${authorization}`);
    const point = Buffer.from(key, 'base64url');
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    };
    const signed = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!signed) throw new Error('the signature is wrong');
    return claimsSchema.parse(JSON.parse(Buffer.from(claims, 'base64url').toString()));
  }
}

/** RFC 8291 §3.4 and RFC 8188 §2, of one record. */
function decrypt(body: Buffer, ecdh: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyLength = body[20] ?? 0;
  const sender = body.subarray(21, 21 + keyLength);
  const sealed = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const input = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', input, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', input, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const record = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  // The last record ends with 2 and zeros.
  const end = record.lastIndexOf(2);
  if (end < 0 || record.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('padding');
  return record.subarray(0, end).toString();
}

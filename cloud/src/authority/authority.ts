import { type KeyObject, X509Certificate } from 'node:crypto';
import { KhienError } from '@khien/shared/error';
import { type Id, type Instant, idSchema } from '@khien/shared/id';
import { z } from 'zod';
import type { Db } from '../store/open.ts';
import {
  authorityCertificate,
  type Issuer,
  newKeyPair,
  ROUTER_LIFETIME,
  routerCertificate,
  SERVER_LIFETIME,
  serverCertificate,
} from './certificates.ts';
import { secretOnce } from './secret.ts';

const NAME = 'CN=Khien router authority';

/** A server certificate is replaced this long before its end, milliseconds. */
const RENEW_BEFORE = 180 * 24 * 3600 * 1000;

const storedSchema = z.object({ publicKey: z.string(), privateKey: z.string(), certificate: z.string() });

/** What a certificate of ours says of a router. */
export interface RouterCertificate {
  readonly router: Id;
  /** SubjectPublicKeyInfo, DER in base64url. */
  readonly publicKey: string;
  readonly expiresAt: Instant;
}

export interface ServerCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PKCS #8, PEM. */
  readonly privateKey: string;
}

/** The cloud's own certificate authority: it vouches for routers to the edge, and for the edge to routers. */
export class Authority {
  /** PEM; what routers pin. */
  readonly certificate: string;
  readonly #issuer: Issuer;
  readonly #publicKey: KeyObject;
  readonly #now: () => number;
  /** By the hosts they name: the edge's, and the web server's where it has one of ours. */
  readonly #servers = new Map<string, ServerCertificate & { readonly renewAt: number }>();

  constructor(issuer: Issuer, certificate: string, now: () => number) {
    this.#issuer = issuer;
    this.certificate = certificate;
    this.#publicKey = new X509Certificate(certificate).publicKey;
    this.#now = now;
  }

  /** The authority of this store, made when there is none. */
  static async open(db: Db, now: () => number = Date.now): Promise<Authority> {
    const text = await secretOnce(db, 'router-authority', () => makeAuthority(now()), now());
    const stored = storedSchema.parse(JSON.parse(text));
    const keys = {
      publicKey: new Uint8Array(Buffer.from(stored.publicKey, 'base64url')),
      privateKey: new Uint8Array(Buffer.from(stored.privateKey, 'base64url')),
    };
    return new Authority({ name: NAME, keys }, stored.certificate, now);
  }

  /**
   * @param publicKey SubjectPublicKeyInfo, DER in base64url
   * @returns PEM
   */
  issueRouterCertificate(router: Id, publicKey: string): Promise<string> {
    const der = new Uint8Array(Buffer.from(publicKey, 'base64url'));
    return routerCertificate(this.#issuer, router, der, this.#now());
  }

  /** When a certificate that is issued now is to be renewed: after two thirds of its life, no two on the same day. */
  renewAt(random: () => number = Math.random): Instant {
    return Math.round(this.#now() + ROUTER_LIFETIME * (2 / 3 + random() / 12));
  }

  /** What a router's certificate (PEM) says, also one that has expired; undefined where it is none of this authority's. */
  readRouterCertificate(text: string): RouterCertificate | undefined {
    try {
      const certificate = new X509Certificate(text);
      const router = idSchema.safeParse(/^CN=(\w+)$/.exec(certificate.subject)?.[1]);
      if (!certificate.verify(this.#publicKey) || !router.success) return undefined;
      return {
        router: router.data,
        publicKey: certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url'),
        expiresAt: Date.parse(certificate.validTo),
      };
    } catch {
      return undefined;
    }
  }

  /**
   * The edge's certificate for these host names and addresses: the same one until it nears its end or the hosts change.
   * Its key never leaves the process, so that a new start has a new one; routers pin the authority only.
   *
   * @throws KhienError `HOSTS_MISSING`
   */
  async serverCertificate(hosts: readonly string[]): Promise<ServerCertificate> {
    if (hosts.length === 0)
      throw new KhienError('HOSTS_MISSING', 'a server certificate names at least one host');
    const wanted = [...new Set(hosts)].sort();
    const now = this.#now();
    const current = this.#servers.get(wanted.join(' '));
    if (current !== undefined && now < current.renewAt) return current;

    const keys = await newKeyPair();
    const made = {
      certificate: await serverCertificate(this.#issuer, wanted, keys.publicKey, now),
      privateKey: pem('PRIVATE KEY', keys.privateKey),
      renewAt: now + SERVER_LIFETIME - RENEW_BEFORE,
    };
    this.#servers.set(wanted.join(' '), made);
    return made;
  }
}

async function makeAuthority(now: number): Promise<string> {
  const keys = await newKeyPair();
  const stored: z.infer<typeof storedSchema> = {
    publicKey: Buffer.from(keys.publicKey).toString('base64url'),
    privateKey: Buffer.from(keys.privateKey).toString('base64url'),
    certificate: await authorityCertificate({ name: NAME, keys }, now),
  };
  return JSON.stringify(stored);
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

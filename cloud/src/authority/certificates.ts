import './reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/**
 * Start of every certificate's validity: a router without a battery clock boots in 1970, or whenever its image was
 * built, and must reach the cloud to learn the time.
 */
const ALWAYS = new Date(0);
const YEAR = 365.25 * 24 * 3600 * 1000;

/** How long a server certificate is good for, milliseconds. */
export const SERVER_LIFETIME = 2 * YEAR;

/**
 * The same of a router's. It is renewed long before, and for a while after; who is let in is decided at every connection
 * by the store, so that expiry only bounds for how long an identity that nobody remembers is of use.
 */
export const ROUTER_LIFETIME = YEAR;

/** A key pair as the store keeps it. */
export interface KeyPair {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** PKCS #8, DER. */
  readonly privateKey: Uint8Array<ArrayBuffer>;
}

export interface Issuer {
  /** Its subject, as RFC 4514 text. */
  readonly name: string;
  readonly keys: KeyPair;
}

export async function newKeyPair(): Promise<KeyPair> {
  const pair = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  return {
    publicKey: new Uint8Array(await webcrypto.subtle.exportKey('spki', pair.publicKey)),
    privateKey: new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', pair.privateKey)),
  };
}

/** The authority's own certificate (PEM), for 30 years; routers pin it, and learn of another one when they renew theirs. */
export function authorityCertificate(issuer: Issuer, now: number): Promise<string> {
  return issue(issuer, {
    subject: issuer.name,
    publicKey: issuer.keys.publicKey,
    notAfter: new Date(now + 30 * YEAR),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
}

/**
 * A router's client certificate (PEM).
 *
 * @param publicKey SubjectPublicKeyInfo, DER
 */
export function routerCertificate(
  issuer: Issuer,
  router: string,
  publicKey: Uint8Array<ArrayBuffer>,
  now: number,
): Promise<string> {
  return issue(issuer, {
    subject: `CN=${router}`,
    publicKey,
    notAfter: new Date(now + ROUTER_LIFETIME),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ],
  });
}

/** A server certificate (PEM) for host names and addresses. */
export function serverCertificate(
  issuer: Issuer,
  hosts: readonly string[],
  publicKey: Uint8Array<ArrayBuffer>,
  now: number,
): Promise<string> {
  return issue(issuer, {
    subject: 'CN=Khien edge',
    publicKey,
    notAfter: new Date(now + SERVER_LIFETIME),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host })),
      ),
    ],
  });
}

async function issue(
  issuer: Issuer,
  certificate: {
    subject: string;
    publicKey: Uint8Array<ArrayBuffer>;
    notAfter: Date;
    extensions: Extension[];
  },
): Promise<string> {
  const signingKey = await webcrypto.subtle.importKey('pkcs8', issuer.keys.privateKey, P256, false, ['sign']);
  const made = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: certificate.subject,
    issuer: issuer.name,
    notBefore: ALWAYS,
    notAfter: certificate.notAfter,
    publicKey: new PublicKey(certificate.publicKey),
    signingKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      ...certificate.extensions,
      await SubjectKeyIdentifierExtension.create(new PublicKey(certificate.publicKey)),
      await AuthorityKeyIdentifierExtension.create(new PublicKey(issuer.keys.publicKey)),
    ],
  });
  return `${made.toString('pem')}\n`;
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets, and not to be guessed. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

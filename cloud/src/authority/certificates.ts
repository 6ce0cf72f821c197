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

/** The authority's own certificate (PEM), for 30 years: routers pin it at enrolment and have no way to get another. */
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
 * A router's client certificate (PEM), for 10 years, which is longer than a home router lives. Expiry protects nothing
 * here: a router is revoked by its row in the store, which every connection is held against, while an expired
 * certificate would cut off a home that did nothing wrong.
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
    notAfter: new Date(now + 10 * YEAR),
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

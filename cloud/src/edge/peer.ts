import type { TLSSocket } from 'node:tls';
import { type Id, idSchema } from '@khien/shared/id';
import { z } from 'zod';

/** Who a TLS connection says it is, as its client certificate proves. */
export interface Peer {
  readonly router: Id;
  /** SubjectPublicKeyInfo, DER in base64url. */
  readonly publicKey: string;
  /** Its certificate has ended: it is told so, and let in no further. */
  readonly expired: boolean;
}

/**
 * The router at the other end, or undefined where its certificate is none of ours for a router.
 *
 * Ten thousand come at once: `getPeerX509Certificate` and `export` take five times as long as this.
 */
export function peerOf(socket: TLSSocket): Peer | undefined {
  const expired = String(socket.authorizationError) === 'CERT_HAS_EXPIRED';
  if (!socket.authorized && !expired) return undefined;
  const { subject, asn1Curve, pubkey } = socket.getPeerCertificate();
  const named = subjectSchema.safeParse(subject);
  if (!named.success || asn1Curve !== 'prime256v1' || pubkey === undefined) return undefined;
  return {
    router: named.data.CN,
    publicKey: subjectPublicKeyInfo(pubkey).toString('base64url'),
    expired: !socket.authorized,
  };
}

/** Nothing but the router's name. */
const subjectSchema = z.strictObject({ CN: idSchema });

/** `id-ecPublicKey` with `secp256r1`, DER (RFC 5480 §2.1.1). */
const P256 = Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex');

/**
 * SubjectPublicKeyInfo of a key of P-256, DER (RFC 5480 §2).
 *
 * @param point compressed or not
 */
export function subjectPublicKeyInfo(point: Buffer): Buffer {
  const key = Buffer.from([0x03, point.length + 1, 0x00]);
  const length = P256.length + key.length + point.length;
  return Buffer.concat([Buffer.from([0x30, length]), P256, key, point]);
}

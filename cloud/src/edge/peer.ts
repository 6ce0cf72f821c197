import type { TLSSocket } from 'node:tls';
import { type Id, idSchema } from '@khien/shared/id';

/** Who a TLS connection says it is, as its client certificate proves. */
export interface Peer {
  readonly router: Id;
  /** SubjectPublicKeyInfo, DER in base64url. */
  readonly publicKey: string;
  /** Its certificate has ended: it is told so, and let in no further. */
  readonly expired: boolean;
}

/** The router at the other end, or undefined where its certificate is none of ours for a router. */
export function peerOf(socket: TLSSocket): Peer | undefined {
  const expired = String(socket.authorizationError) === 'CERT_HAS_EXPIRED';
  if (!socket.authorized && !expired) return undefined;
  const certificate = socket.getPeerX509Certificate();
  const router = idSchema.safeParse(/^CN=(\w+)$/.exec(certificate?.subject ?? '')?.[1]);
  if (certificate === undefined || !router.success) return undefined;
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
  return { router: router.data, publicKey, expired: !socket.authorized };
}

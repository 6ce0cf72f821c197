import { isIP } from 'node:net';
import { KhienError } from '@khien/shared/error';

/** Who passkeys are made for (WebAuthn Level 3 §4, Relying Party). */
export interface RelyingParty {
  readonly id: string;
  readonly name: string;
  readonly origin: string;
}

/**
 * Browsers have passkeys for secure origins with a name: https, or localhost. An address in digits has none.
 *
 * @throws KhienError `PASSKEYS_UNAVAILABLE`
 */
export function relyingPartyOf(publicUrl: URL): RelyingParty {
  const { protocol, hostname, origin } = publicUrl;
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  const isAddress = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
  if (isAddress || (protocol !== 'https:' && !isLocal)) {
    throw new KhienError('PASSKEYS_UNAVAILABLE', 'passkeys need https and a name, or localhost');
  }
  return { id: hostname, name: 'Khiên', origin };
}

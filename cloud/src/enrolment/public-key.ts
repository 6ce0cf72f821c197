import { createPublicKey, type KeyObject } from 'node:crypto';

export interface RouterKey {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER in base64url, in the one form the store compares: encoded again, not as it came. */
  readonly spki: string;
}

/**
 * A P-256 public key as a router sends it.
 *
 * @param text SubjectPublicKeyInfo, DER in base64url
 * @returns undefined where it is anything else, also a key of another curve
 */
export function parseRouterKey(text: string): RouterKey | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return { key, spki: key.export({ format: 'der', type: 'spki' }).toString('base64url') };
  } catch {
    return undefined;
  }
}

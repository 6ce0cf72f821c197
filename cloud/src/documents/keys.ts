import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { DocumentKey } from '@khien/shared/document';
import type { Identity } from '@khien/shared/enrolment';
import { secretOnce } from '../authority/secret.ts';
import type { Db } from '../store/open.ts';

export interface DocumentKeys {
  /** The Ed25519 private key that signs, with the name documents call it by. */
  readonly signing: DocumentKey;
  /** What a router pins at enrolment. */
  readonly published: Identity['documentKeys'];
}

/** The keys that sign documents, made with the store. */
export async function openDocumentKeys(db: Db, now: () => number = Date.now): Promise<DocumentKeys> {
  const stored = await secretOnce(db, 'document-key', makeKey, now());
  const key = createPrivateKey(stored);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  return { signing: { id, key }, published: [{ id, key: spki.toString('base64url') }] };
}

function makeKey(): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  return Promise.resolve(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

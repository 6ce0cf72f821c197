import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { DocumentKey } from '@khien/shared/document';
import { type Identity, identitySchema } from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import { readFileIfThere, writeFileAtomically } from '../storage/atomic-file.ts';

/** The router's private key and what enrolment made of it, in two files that nothing else shares. */
export class IdentityFile {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The router's P-256 key. Made at the first call and never leaves the router. */
  async privateKey(): Promise<KeyObject> {
    const stored = await readFileIfThere(this.#keyPath);
    if (stored !== undefined) return createPrivateKey(stored);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFileAtomically(this.#keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    return privateKey;
  }

  /**
   * Who the router is, or undefined before enrolment.
   *
   * @throws KhienError `IDENTITY_DAMAGED` where the file is there and not whole
   */
  async load(): Promise<Identity | undefined> {
    const bytes = await readFileIfThere(this.#identityPath);
    if (bytes === undefined) return undefined;
    const parsed = identitySchema.safeParse(parseJson(bytes));
    if (!parsed.success) {
      throw new KhienError(
        'IDENTITY_DAMAGED',
        `${this.#identityPath} is damaged; remove it to enrol this router again`,
      );
    }
    return parsed.data;
  }

  save(identity: Identity): Promise<void> {
    return writeFileAtomically(this.#identityPath, JSON.stringify(identity, null, 2));
  }

  get #keyPath(): string {
    return join(this.#folder, 'router.key');
  }

  get #identityPath(): string {
    return join(this.#folder, 'identity.json');
  }
}

/** The Ed25519 keys that may sign this router's documents. */
export function documentKeysOf(identity: Identity): DocumentKey[] {
  return identity.documentKeys.map(({ id, key }) => ({
    id,
    key: createPublicKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'spki' }),
  }));
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { join } from 'node:path';
import { type Identity, identitySchema } from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import type { Trust } from '../documents/document-files.ts';
import { readFileIfThere, setAside, writeFileAtomically } from '../storage/atomic-file.ts';
import { type Files, systemFiles } from '../storage/files.ts';

/** The router's private key and what enrolment made of it, in two files that nothing else shares. */
export class IdentityFile {
  readonly #folder: string;
  readonly #files: Files;

  constructor(folder: string, files: Files = systemFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  /**
   * The router's P-256 key, or undefined where there is none yet.
   *
   * @throws KhienError `KEY_DAMAGED` where the file is there and holds no such key
   */
  async privateKey(): Promise<KeyObject | undefined> {
    const stored = await readFileIfThere(this.#keyPath, this.#files);
    if (stored === undefined) return undefined;
    try {
      return createPrivateKey(stored);
    } catch (cause) {
      throw new KhienError('KEY_DAMAGED', `${this.#keyPath} is damaged`, { cause });
    }
  }

  /** Makes a new key, which never leaves the router; one that is there and damaged is set aside. */
  async makePrivateKey(): Promise<KeyObject> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await setAside(this.#keyPath, this.#files).catch(() => undefined);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFileAtomically(this.#keyPath, pem, { files: this.#files });
    return privateKey;
  }

  /**
   * Who the router is, or undefined before enrolment.
   *
   * @throws KhienError `IDENTITY_DAMAGED` where the file is there and not whole
   */
  async load(): Promise<Identity | undefined> {
    const bytes = await readFileIfThere(this.#identityPath, this.#files);
    if (bytes === undefined) return undefined;
    try {
      return checked(identitySchema.parse(JSON.parse(bytes.toString())));
    } catch (cause) {
      throw new KhienError('IDENTITY_DAMAGED', `${this.#identityPath} is damaged`, { cause });
    }
  }

  save(identity: Identity): Promise<void> {
    return writeFileAtomically(this.#identityPath, JSON.stringify(identity, null, 2), { files: this.#files });
  }

  get #keyPath(): string {
    return join(this.#folder, 'router.key');
  }

  get #identityPath(): string {
    return join(this.#folder, 'identity.json');
  }
}

/** Whose documents a router with this identity takes up: signed by the pinned Ed25519 keys, and for it. */
export function trustOf({ router, documentKeys }: Identity): Trust {
  const keys = documentKeys.map(({ id, key }) => ({
    id,
    key: createPublicKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'spki' }),
  }));
  return { router, keys };
}

/** Throws where a part of it is not what TLS and the documents' signatures need. */
function checked(identity: Identity): Identity {
  for (const pem of [identity.certificate, identity.authority]) new X509Certificate(pem);
  new URL(identity.mqttUrl);
  trustOf(identity);
  return identity;
}

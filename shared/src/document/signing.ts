import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import canonicalize from 'canonicalize';
import { KhienError } from '../error.ts';
import type { Id } from '../id.ts';
import {
  type DocumentVersions,
  documentSchema,
  type KhienDocument,
  type SignedDocument,
  signedDocumentSchema,
} from './document.ts';

/** An Ed25519 public key that a router pinned at enrolment, with the name documents call it by. */
export interface DocumentKey {
  readonly id: string;
  readonly key: KeyObject;
}

function canonicalText(document: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(document);
  } catch (cause) {
    throw new KhienError('DOCUMENT_MALFORMED', 'the document has no canonical form', { cause });
  }
  if (text === undefined) throw new KhienError('DOCUMENT_MALFORMED', 'the document is not JSON');
  return text;
}

/**
 * Signs a document with the cloud's Ed25519 private key (RFC 8032) over its canonical JSON (RFC 8785). The fields of the
 * result are in canonical order.
 *
 * @throws KhienError `DOCUMENT_MALFORMED` where it says what JSON cannot: an infinite number, half a surrogate pair
 */
export function signDocument(document: KhienDocument, key: DocumentKey): SignedDocument {
  const text = canonicalText(document);
  return {
    document: JSON.parse(text),
    key: key.id,
    signature: sign(null, Buffer.from(text), key.key).toString('base64url'),
  };
}

/** Whether a key has signed the document that `bytes` say, in whatever order its fields came. */
function isSignedBy({ key }: DocumentKey, signed: SignedDocument, bytes: Uint8Array): boolean {
  const signature = Buffer.from(signed.signature, 'base64url');
  const proves = (text: Uint8Array) => verify(null, text, key, signature);
  // To put the fields in order takes far longer than to verify what is in order as it came.
  const asItCame = documentWithin(bytes, signed);
  return (asItCame && proves(asItCame)) || proves(Buffer.from(canonicalText(signed.document)));
}

/**
 * The text of the document in a message written as {@link signDocument}'s result is; undefined in another. Nothing else of
 * the message can be its document then: where that text was signed, the document is what was signed.
 */
function documentWithin(bytes: Uint8Array, { key, signature }: SignedDocument): Uint8Array | undefined {
  const head = Buffer.from('{"document":');
  const tail = Buffer.from(`,"key":${JSON.stringify(key)},"signature":"${signature}"}`);
  const end = bytes.length - tail.length;
  const fits = head.equals(bytes.subarray(0, head.length)) && tail.equals(bytes.subarray(end));
  return fits ? bytes.subarray(head.length, end) : undefined;
}

/** What tells two documents of the same kind and version apart, in hello: of their signatures, which Ed25519 makes of them. */
export function documentHash({ signature }: Pick<SignedDocument, 'signature'>): string {
  return createHash('sha256').update(signature).digest('hex').slice(0, 32);
}

/**
 * Verifies what arrived from the network or from disk, in the order that gives an attacker least: size and form,
 * signature, addressee, version, then the body. Nothing of the document is used before the signature holds.
 *
 * @param bytes the JSON text of a {@link SignedDocument}
 * @param newest versions already accepted; an older one is refused, the same one is accepted again (a replay is harmless)
 * @throws KhienError `DOCUMENT_MALFORMED`, `DOCUMENT_UNKNOWN_KEY`, `DOCUMENT_BAD_SIGNATURE`, `DOCUMENT_OTHER_ROUTER`,
 *   `DOCUMENT_OLD_VERSION`, `DOCUMENT_INVALID`
 */
export function openDocument(
  bytes: Uint8Array,
  trust: { keys: readonly DocumentKey[]; router: Id; newest: DocumentVersions },
): { document: KhienDocument; signed: SignedDocument } {
  const envelope = signedDocumentSchema.safeParse(parseJson(bytes));
  if (!envelope.success) throw new KhienError('DOCUMENT_MALFORMED', 'not a signed document');
  const signed = envelope.data;

  const key = trust.keys.find((candidate) => candidate.id === signed.key);
  if (key === undefined)
    throw new KhienError('DOCUMENT_UNKNOWN_KEY', `no pinned key is called ${signed.key}`);
  if (!isSignedBy(key, signed, bytes)) {
    throw new KhienError('DOCUMENT_BAD_SIGNATURE', 'the signature does not fit the document');
  }

  const parsed = documentSchema.safeParse(signed.document);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new KhienError('DOCUMENT_INVALID', `the document does not fit its schema at ${where}`, {
      details: { where },
    });
  }
  const document = parsed.data;
  if (document.router !== trust.router) {
    throw new KhienError('DOCUMENT_OTHER_ROUTER', 'the document is for another router');
  }
  const newest = trust.newest[document.kind];
  if (document.version < newest) {
    throw new KhienError('DOCUMENT_OLD_VERSION', `version ${document.version} is older than ${newest}`, {
      details: { kind: document.kind, version: document.version, newest },
    });
  }
  return { document, signed };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (cause) {
    throw new KhienError('DOCUMENT_MALFORMED', 'the document is not JSON', { cause });
  }
}

import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { KhienError } from '@khien/shared/error';
import { z } from 'zod';

/*
 * A provider's list of the routers that it gives out, a JSON text a line (RFC 8259): a head that says whose it is, a line
 * for each router, and as the last line the provider's signature over the SHA-256 of all bytes before it.
 */

const base64url = z.string().regex(/^[\w-]+$/);

export const headSchema = z.strictObject({
  khien: z.literal('manifest-v1'),
  isp: z.string().min(1).max(64),
});

export const entrySchema = z.strictObject({
  serial: z.string().trim().min(1).max(64),
  model: z.string().trim().min(1).max(64),
  /** SubjectPublicKeyInfo of the router's P-256 key, DER. */
  key: base64url.max(400),
  /** `claimHash` of the code that is printed on the router. */
  claim: base64url.length(43),
});
export type Entry = z.infer<typeof entrySchema>;

const signatureSchema = z.strictObject({ signature: base64url.max(200) });

/** No line is longer, in characters. */
const MAX_LINE = 2048;

/** An Ed25519 or P-256 public key of a provider (PEM), as it is stored; undefined where it is none. */
export function ispKeyOf(pem: string): string | undefined {
  try {
    const key = createPublicKey(pem);
    const isKnown =
      key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return isKnown ? key.export({ type: 'spki', format: 'der' }).toString('base64url') : undefined;
  } catch {
    return undefined;
  }
}

/** The last line of a manifest whose other lines, each with its line feed, have this digest. */
export function signatureLine(digest: Buffer, key: KeyObject): string {
  const signature = sign(hashFor(key), signedBytes(digest), key).toString('base64url');
  return JSON.stringify({ signature });
}

/**
 * Reads the whole file once and checks it against the key of the provider that it names.
 *
 * @param keyOf the provider's key, SubjectPublicKeyInfo, DER in base64url; undefined where it is not known
 * @returns the provider's name
 * @throws KhienError `MANIFEST_INVALID`
 */
export async function verifyManifest(
  file: string,
  keyOf: (isp: string) => Promise<string | undefined>,
): Promise<string> {
  const hash = createHash('sha256');
  let first: string | undefined;
  let last: string | undefined;
  for await (const line of linesOf(file)) {
    first ??= line;
    if (last !== undefined) hash.update(`${last}\n`);
    last = line;
  }
  const head = headSchema.safeParse(parseLine(first));
  if (!head.success) throw new KhienError('MANIFEST_INVALID', 'the first line is not the head of a manifest');
  const end = signatureSchema.safeParse(parseLine(last));
  if (!end.success) throw new KhienError('MANIFEST_INVALID', 'the last line is no signature');
  const spki = await keyOf(head.data.isp);
  if (spki === undefined)
    throw new KhienError('MANIFEST_INVALID', `no provider is called ${head.data.isp} here`);
  const key = createPublicKey({ key: Buffer.from(spki, 'base64url'), format: 'der', type: 'spki' });
  const signature = Buffer.from(end.data.signature, 'base64url');
  if (!verify(hashFor(key), signedBytes(hash.digest()), key, signature)) {
    throw new KhienError('MANIFEST_INVALID', `it was not signed by ${head.data.isp}, or was changed since`);
  }
  return head.data.isp;
}

/** What each line between the first and the last says: a router, or why it is none. */
export async function* entriesOf(file: string): AsyncGenerator<{ line: number; entry: Entry | undefined }> {
  let number = 0;
  let held: { line: number; text: string } | undefined;
  for await (const text of linesOf(file)) {
    number += 1;
    if (held !== undefined)
      yield { line: held.line, entry: entrySchema.safeParse(parseLine(held.text)).data };
    held = number === 1 ? undefined : { line: number, text };
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let number = 0;
  for await (const line of createInterface({
    input: createReadStream(file, { highWaterMark: 64 * 1024 }),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1;
    if (line.length > MAX_LINE) throw new KhienError('MANIFEST_INVALID', `line ${number} is too long`);
    yield line;
  }
}

export function parseLine(line: string | undefined): unknown {
  try {
    return line === undefined ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}

function signedBytes(digest: Buffer): Buffer {
  return Buffer.from(`khien-manifest-v1\n${digest.toString('hex')}`);
}

/** Ed25519 has its own (RFC 8032). */
function hashFor(key: KeyObject): string | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

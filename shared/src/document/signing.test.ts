import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKhienError } from '../error.ts';
import { newId } from '../id.ts';
import type { KhienDocument } from './document.ts';
import { openDocument, signDocument } from './signing.ts';

const pair = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const router = newId();
const trust = {
  keys: [{ id: 'k1', key: pair.publicKey }],
  router,
  newest: { policy: 3, contacts: 0, lists: 0 },
};

function policy(version: number, of = router): KhienDocument {
  const body = {
    zone: 'Asia/Ho_Chi_Minh',
    offsets: [{ from: 0, minutes: 420 }],
    language: 'vi' as const,
    profiles: [],
    devices: [],
    services: [],
    categories: [],
    answers: [],
    holidays: [],
    newDevices: 'ask' as const,
    known: [],
    learningNames: [],
  };
  return { kind: 'policy', router: of, version, issuedAt: 1_790_000_000_000, body };
}
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const sign = (document: KhienDocument) => signDocument(document, { id: 'k1', key: pair.privateKey });

function codeFor(message: Buffer): string {
  try {
    openDocument(message, trust);
    return 'opened';
  } catch (error) {
    if (isKhienError(error)) return error.code;
    throw error;
  }
}

describe('a document from the network', () => {
  it('opens when it is newer, or the same again', () => {
    expect(openDocument(bytes(sign(policy(4))), trust).document.version).toBe(4);
    expect(codeFor(bytes(sign(policy(3))))).toBe('opened');
  });

  it('opens whatever the order of its fields on the way', () => {
    const { document, key, signature } = sign(policy(4));
    const reversed = Object.fromEntries(Object.entries(document as object).reverse());
    expect(codeFor(bytes({ signature, document: reversed, key }))).toBe('opened');
  });

  it.each([
    ['an older version', bytes(sign(policy(2))), 'DOCUMENT_OLD_VERSION'],
    ['another router', bytes(sign(policy(4, newId()))), 'DOCUMENT_OTHER_ROUTER'],
    ['an unknown key', bytes({ ...sign(policy(4)), key: 'k2' }), 'DOCUMENT_UNKNOWN_KEY'],
    [
      'a stranger who signs',
      bytes(signDocument(policy(4), { id: 'k1', key: stranger.privateKey })),
      'DOCUMENT_BAD_SIGNATURE',
    ],
    [
      'a changed body',
      bytes({ ...sign(policy(4)), document: { ...policy(4), version: 5 } }),
      'DOCUMENT_BAD_SIGNATURE',
    ],
    [
      'a field that was added',
      bytes({ ...sign(policy(4)), document: { ...policy(4), extra: 1 } }),
      'DOCUMENT_BAD_SIGNATURE',
    ],
    ['no JSON', Buffer.from('{'), 'DOCUMENT_MALFORMED'],
    ['nothing', Buffer.alloc(0), 'DOCUMENT_MALFORMED'],
    ['no signature', bytes({ document: policy(4), key: 'k1' }), 'DOCUMENT_MALFORMED'],
  ])('is refused: %s', (_title, message, code) => {
    expect(codeFor(message)).toBe(code);
  });

  const noted = { ...policy(4), note: null };
  const withNull = sign(noted);
  const text = JSON.stringify(withNull.document);
  /** JSON writes an infinite number as null. */
  const infinite = text.replace('"note":null', '"note":1e999');
  const rest = `"key":"k1","signature":"${withNull.signature}"`;

  it.each([
    ['alone', `{"document":${infinite},${rest}}`],
    ['with what was signed before it', `{"signed":${text},"document":${infinite},${rest}}`],
    ['said behind what was signed', `{"document":${text},${rest},"document":${infinite}}`],
    ['said again, signature and all', `{"document":${text},${rest},"document":${infinite},${rest}}`],
    ['in another order', `{${rest},"document":${infinite}}`],
  ])('is refused with an infinite number for a null that was signed, %s', (_title, message) => {
    expect(codeFor(Buffer.from(message))).toBe('DOCUMENT_MALFORMED');
  });

  it.each([
    ['alone', `{"document":${text},${rest}}`],
    ['in another order', `{${rest},"document":${text}}`],
    ['with spaces', `{ "document": ${text}, ${rest} }`],
    ['beside what nobody signed', `{"other":${infinite},"document":${text},${rest}}`],
    ['said last', `{"document":${infinite},${rest},"document":${text},${rest}}`],
  ])('opens with the null that was signed, %s', (_title, message) => {
    expect(codeFor(Buffer.from(message))).toBe('opened');
  });

  it.each([
    ['deeper than a stack', '['.repeat(100_000) + ']'.repeat(100_000), 'DOCUMENT_BAD_SIGNATURE'],
    ['half a surrogate pair', '"\\ud800"', 'DOCUMENT_MALFORMED'],
    ['nothing', '', 'DOCUMENT_MALFORMED'],
  ])('is refused with a code: %s', (_title, document, code) => {
    expect(codeFor(Buffer.from(`{"document":${document},${rest}}`))).toBe(code);
  });

  it('is refused where a signed body does not fit its schema', () => {
    const wrong = { ...policy(4), body: { zone: 1 } } as unknown as KhienDocument;
    expect(codeFor(bytes(sign(wrong)))).toBe('DOCUMENT_INVALID');
  });

  it('never throws anything but a coded error', () => {
    const whole = bytes(sign(policy(4)));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = Buffer.from(whole);
        damaged[at] = value;
        codeFor(damaged);
      }),
    );
    fc.assert(fc.property(fc.json(), (text) => codeFor(Buffer.from(text)) !== 'opened'));
  });
});

import * as z from 'zod/mini';
import { contactsBodySchema } from '../contact/contacts-document.ts';
import { idSchema, instantSchema } from '../id.ts';
import { listsBodySchema } from '../list/list-document.ts';
import { policyBodySchema } from '../policy/policy.ts';

/** Documents flow from the cloud to one router. Each kind has its own, ever growing, version. */
export const documentKinds = ['policy', 'contacts', 'lists'] as const;
export type DocumentKind = (typeof documentKinds)[number];

const version = z.int().check(z.nonnegative());

export const documentVersionsSchema = z.object({
  policy: version,
  contacts: version,
  lists: z._default(version, 0),
});
export type DocumentVersions = z.infer<typeof documentVersionsSchema>;

/** The versions of a router that has no document. */
export const noDocuments: DocumentVersions = { policy: 0, contacts: 0, lists: 0 };

const header = {
  router: idSchema,
  version: z.int().check(z.positive()),
  issuedAt: instantSchema,
};

export const documentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('policy'), ...header, body: policyBodySchema }),
  z.object({ kind: z.literal('contacts'), ...header, body: contactsBodySchema }),
  z.object({ kind: z.literal('lists'), ...header, body: listsBodySchema }),
]);
export type KhienDocument = z.infer<typeof documentSchema>;
export type DocumentOf<K extends DocumentKind> = Extract<KhienDocument, { kind: K }>;

/** What travels and is stored: the document and an Ed25519 signature over its canonical JSON (RFC 8785). */
export const signedDocumentSchema = z.object({
  document: z.unknown(),
  /** Which pinned key signed it. */
  key: z.string().check(z.maxLength(64)),
  /** base64url, 64 bytes. */
  signature: z.string().check(z.regex(/^[A-Za-z0-9_-]{86}$/)),
});
export type SignedDocument = z.infer<typeof signedDocumentSchema>;

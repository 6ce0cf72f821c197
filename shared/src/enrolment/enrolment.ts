import { type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod/mini';
import { idSchema, instantSchema } from '../id.ts';

/*
 * Enrolment follows the OAuth device authorization grant (RFC 8628): the router asks for a pair of codes, shows the
 * short one (`user_code`, our claim code), a parent enters it, and the router, polling with the long one, gets its identity.
 */

/** `POST /api/v1/enrolment`. `signature` proves possession of the private key: ECDSA P-256 over {@link claimBytes}. */
export const enrolmentRequestSchema = z.object({
  /** SubjectPublicKeyInfo of a P-256 key, DER in base64url. */
  publicKey: z.string().check(z.maxLength(400), z.regex(/^[A-Za-z0-9_-]+$/)),
  model: z.string().check(z.maxLength(64)),
  daemon: z.string().check(z.maxLength(32)),
  at: instantSchema,
  signature: z.string().check(z.maxLength(200), z.regex(/^[A-Za-z0-9_-]+$/)),
});
export type EnrolmentRequest = z.infer<typeof enrolmentRequestSchema>;

/** RFC 8628 §3.2. */
export const enrolmentGrantSchema = z.object({
  device_code: z.string().check(z.minLength(32), z.maxLength(128)),
  user_code: z.string().check(z.regex(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)),
  verification_uri: z.string().check(z.maxLength(500)),
  /** Seconds. */
  expires_in: z.int().check(z.positive()),
  /** Seconds between polls, at least. */
  interval: z.int().check(z.positive()),
});
export type EnrolmentGrant = z.infer<typeof enrolmentGrantSchema>;

/** `POST /api/v1/enrolment/token`. */
export const enrolmentPollSchema = z.object({ device_code: z.string().check(z.maxLength(128)) });

/** RFC 8628 §3.5, as the `code` of a problem+json answer with status 400. */
export const enrolmentPollErrors = [
  'authorization_pending',
  'slow_down',
  'expired_token',
  'access_denied',
] as const;

/** What makes a router a member of the household: its id, certificate, and whom to believe. */
export const identitySchema = z.object({
  router: idSchema,
  /** PEM, X.509, for mTLS on the MQTT edge; its subject CN is the router id. */
  certificate: z.string().check(z.maxLength(8192)),
  /** PEM, the CA that signs the MQTT edge's server certificate. */
  authority: z.string().check(z.maxLength(8192)),
  /** mqtts://host:port */
  mqttUrl: z.string().check(z.maxLength(300)),
  /** Ed25519 keys that sign documents; `key` is SubjectPublicKeyInfo DER in base64url. */
  documentKeys: z
    .array(z.object({ id: z.string().check(z.maxLength(64)), key: z.string().check(z.maxLength(200)) }))
    .check(z.minLength(1), z.maxLength(8)),
  /** When to ask for the next certificate; undefined of a cloud that gives one for good. */
  renewAt: z.optional(instantSchema),
  /** Nobody has claimed this router yet; its policy says when somebody has. */
  waiting: z.optional(z.boolean()),
});
export type Identity = z.infer<typeof identitySchema>;

/**
 * `POST /api/v1/enrolment/renewal`: a router asks for its next certificate, and for whom to trust and where to connect. The
 * signature, ECDSA P-256 over {@link renewalBytes}, proves that it holds the key of its present one.
 */
export const renewalRequestSchema = z.object({
  /** PEM: the certificate it has, which may have expired. */
  certificate: z.string().check(z.maxLength(8192)),
  at: instantSchema,
  signature: z.string().check(z.maxLength(200), z.regex(/^[A-Za-z0-9_-]+$/)),
});
export type RenewalRequest = z.infer<typeof renewalRequestSchema>;

function renewalBytes({ certificate, at }: Omit<RenewalRequest, 'signature'>): Buffer {
  return Buffer.from(['khien-renewal-v1', certificate, at].join('\n'));
}

export function signRenewal(
  request: Omit<RenewalRequest, 'signature'>,
  privateKey: KeyObject,
): RenewalRequest {
  return { ...request, signature: sign('sha256', renewalBytes(request), privateKey).toString('base64url') };
}

/** Whether the sender holds the private key of the certificate it sent. */
export function verifyRenewal(request: RenewalRequest, publicKey: KeyObject): boolean {
  return verify('sha256', renewalBytes(request), publicKey, Buffer.from(request.signature, 'base64url'));
}

function claimBytes(request: Omit<EnrolmentRequest, 'signature'>): Buffer {
  return Buffer.from(
    ['khien-enrolment-v1', request.publicKey, request.model, request.daemon, request.at].join('\n'),
  );
}

/** Signs an enrolment request with the router's new P-256 private key. */
export function signEnrolment(
  request: Omit<EnrolmentRequest, 'signature'>,
  privateKey: KeyObject,
): EnrolmentRequest {
  return { ...request, signature: sign('sha256', claimBytes(request), privateKey).toString('base64url') };
}

/** Whether the sender holds the private key of the public key it sent. */
export function verifyEnrolment(request: EnrolmentRequest, publicKey: KeyObject): boolean {
  return verify('sha256', claimBytes(request), publicKey, Buffer.from(request.signature, 'base64url'));
}

import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';
import { ceremonyTokenSchema } from './ceremony.ts';
import { emailSchema, newcomerSchema, ONE_HOME } from './schema.ts';

/* The JSON forms of WebAuthn Level 3 §5.1 (RegistrationResponseJSON, AuthenticationResponseJSON), as far as they are read. */

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/);
const credentialIdSchema = base64url(1400);

const credentialSchema = z.object({
  id: credentialIdSchema,
  rawId: credentialIdSchema,
  type: z.literal('public-key'),
});

export const registrationResponseSchema = credentialSchema.extend({
  response: z.object({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(32_768),
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
});
export type RegistrationResponse = z.output<typeof registrationResponseSchema>;

export const assertionSchema = credentialSchema.extend({
  response: z.object({
    clientDataJSON: base64url(4096),
    authenticatorData: base64url(4096),
    signature: base64url(2048),
    userHandle: base64url(128).optional(),
  }),
});
export type Assertion = z.output<typeof assertionSchema>;

/** What `navigator.credentials` is to be called with; the browser's own library checks it. */
const optionsSchema = z.object({ ceremony: ceremonyTokenSchema, options: z.looseObject({}) });
export const ceremonySchema = optionsSchema;

export const answerSchema = z.object({ ceremony: ceremonyTokenSchema, assertion: assertionSchema });

export const passkeySignUpStartSchema = z.object({ name: nameSchema });

export const passkeySignUpSchema = newcomerSchema
  .extend({
    email: emailSchema.optional(),
    ceremony: ceremonyTokenSchema,
    registration: registrationResponseSchema,
  })
  .refine(...ONE_HOME);

export type PasskeySignUp = z.input<typeof passkeySignUpSchema>;

export const passkeyAddSchema = z.object({
  ceremony: ceremonyTokenSchema,
  registration: registrationResponseSchema,
});

export const passkeyChangeSchema = z.object({ name: nameSchema });

import { idSchema, instantSchema } from '@khien/shared/id';
import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';
import { ROLES } from '../rights/right.ts';
import { zoneSchema } from '../zone/name.ts';

export const languageSchema = z.enum(['vi', 'en']);
export type Language = z.infer<typeof languageSchema>;

/** OWASP ASVS 5: long over complex. 12 characters at least, and everything argon2 takes in reasonable time. */
export const passwordSchema = z.string().min(12).max(256);
export const emailSchema = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase());

/** The secret of an invitation's link: 32 random bytes, base64url. */
export const invitationTokenSchema = z.string().regex(/^[\w-]{43}$/);

export const householdRequestSchema = z.object({
  name: nameSchema,
  /** IANA time zone; the browser's own is proposed. */
  zone: zoneSchema,
});

/** What is asked of somebody new, however they will sign in. */
export const newcomerSchema = z.object({
  name: nameSchema,
  language: languageSchema,
  /** A household of one's own, or … */
  household: householdRequestSchema.optional(),
  /** … the one that this invitation leads into. */
  invitation: invitationTokenSchema.optional(),
});

const oneHome = (form: { household?: unknown; invitation?: unknown }) =>
  (form.household === undefined) !== (form.invitation === undefined);
export const ONE_HOME: Parameters<typeof newcomerSchema.refine> = [
  oneHome,
  { path: ['household'], error: 'a household or an invitation' },
];

/** `POST /api/v1/account`: a parent signs up; the household is made with it and the session begins. */
export const signUpSchema = newcomerSchema
  .extend({ email: emailSchema, password: passwordSchema })
  .refine(...ONE_HOME);
export type SignUp = z.input<typeof signUpSchema>;

/** `PATCH /api/v1/account` */
export const accountChangeSchema = z.object({
  name: nameSchema.optional(),
  language: languageSchema.optional(),
  email: emailSchema.optional(),
});

/** `POST /api/v1/session` */
export const signInSchema = z.object({ email: emailSchema, password: z.string().max(256) });

/** `GET /api/v1/account` */
export const accountSchema = z.object({
  id: idSchema,
  /** Null for an account of passkeys alone. */
  email: z.string().nullable(),
  name: z.string(),
  language: languageSchema,
  households: z.array(z.object({ id: idSchema, name: z.string(), role: z.enum(ROLES) })),
  /** Signed in with a recovery code: nothing else works until there is a new passkey or password. */
  recovering: z.boolean(),
});
export type Account = z.infer<typeof accountSchema>;

export const sessionViewSchema = z.object({
  id: idSchema,
  /** The one that asks. */
  current: z.boolean(),
  browser: z.string().nullable(),
  system: z.string().nullable(),
  createdAt: instantSchema,
  usedAt: instantSchema,
});
export type SessionView = z.infer<typeof sessionViewSchema>;

/** `GET /api/v1/account/security` */
export const securitySchema = z.object({
  passkeys: z.array(
    z.object({
      id: idSchema,
      name: z.string(),
      createdAt: instantSchema,
      usedAt: z.nullable(instantSchema),
      /** Its maker keeps it, so that it outlives the device. */
      backedUp: z.boolean(),
      /** Its counter went back: there may be a copy of it. */
      copied: z.boolean(),
    }),
  ),
  password: z.object({ changedAt: instantSchema }).nullable(),
  recoveryCodes: z.object({ left: z.int(), createdAt: instantSchema }).nullable(),
});
export type Security = z.infer<typeof securitySchema>;

/** `PUT /api/v1/account/password`; the email where the account has none yet. */
export const passwordRequestSchema = z.object({ password: passwordSchema, email: emailSchema.optional() });

export const confirmationSchema = z.object({ password: z.string().min(1).max(256) });

/** Typed by hand, so that length and signs are left to be normalised. */
export const recoverySchema = z.object({ code: z.string().min(1).max(64) });

/** `POST /api/v1/account/recovery-codes` */
export const recoveryCodesSchema = z.object({ codes: z.array(z.string()) });

/** `GET /api/v1/account/deletion`: what is deleted with the account unless somebody else becomes its owner before. */
export const deletionSchema = z.object({
  households: z.array(z.object({ id: idSchema, name: z.string(), others: z.int() })),
});
export type Deletion = z.infer<typeof deletionSchema>;

/** `POST /api/v1/account/deletion` */
export const deletionRequestSchema = z.object({ households: z.array(idSchema).max(100) });

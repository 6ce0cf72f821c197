import { idSchema } from '@khien/shared/id';
import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';
import { zoneSchema } from '../zone/name.ts';

export const languageSchema = z.enum(['vi', 'en']);

/** OWASP ASVS 5: long over complex. 12 characters at least, and everything argon2 takes in reasonable time. */
const passwordSchema = z.string().min(12).max(256);
const emailSchema = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase());

/** `POST /api/v1/account`: a parent signs up; the household is made with it and the session begins. */
export const signUpSchema = z.object({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema,
  household: z.object({
    name: nameSchema,
    /** IANA time zone; the browser's own is proposed. */
    zone: zoneSchema,
  }),
  language: languageSchema,
});
export type SignUp = z.input<typeof signUpSchema>;

/** `POST /api/v1/session` */
export const signInSchema = z.object({ email: emailSchema, password: z.string().max(256) });

/** `GET /api/v1/account` */
export const accountSchema = z.object({
  id: idSchema,
  email: z.string(),
  name: z.string(),
  language: languageSchema,
  households: z.array(z.object({ id: idSchema, name: z.string() })),
});
export type Account = z.infer<typeof accountSchema>;

import { idSchema, instantSchema } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';
import { keyScopes } from './scope.ts';

export const keyScopeListSchema = z.array(z.enum(keyScopes)).min(1).max(keyScopes.length);

/** A key that expires does so within this, milliseconds. */
export const LONGEST_LIFE = 365 * DAY;

/** `POST /api/v1/households/:household/api-keys` */
export const apiKeyRequestSchema = z.object({
  name: nameSchema,
  scopes: keyScopeListSchema,
  /** A year from now at most; left out, it is good until it is revoked. */
  expiresAt: z.optional(instantSchema),
});
export type ApiKeyRequest = z.infer<typeof apiKeyRequestSchema>;

export const apiKeyViewSchema = z.object({
  id: idSchema,
  name: z.string(),
  scopes: keyScopeListSchema,
  /** The name of who made it: with their ownership it ends. */
  madeBy: z.string(),
  createdAt: instantSchema,
  /** To the quarter of an hour; null where it never was. */
  usedAt: z.nullable(instantSchema),
  expiresAt: z.nullable(instantSchema),
});
export type ApiKeyView = z.infer<typeof apiKeyViewSchema>;

/** The key itself is told this once. */
export const apiKeyMadeSchema = apiKeyViewSchema.extend({ token: z.string() });
export type ApiKeyMade = z.infer<typeof apiKeyMadeSchema>;

import * as z from 'zod/mini';

/** Catalogue ids: short, lower case, stable. */
export const slugSchema = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,47}$/));

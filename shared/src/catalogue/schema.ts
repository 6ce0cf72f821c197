import * as z from 'zod/mini';
import { dnsNameSchema } from '../name.ts';
import { localTextSchema } from '../policy/policy.ts';
import { slugSchema } from '../policy/slug.ts';

const glyphSchema = z.string().check(z.minLength(1), z.maxLength(8));

export const categorySchema = z.object({
  id: slugSchema,
  /** Place in a compiled list's mask; never reassigned. Null: nothing of it is blocked by a list, only its services are chosen. */
  bit: z.nullable(z.int().check(z.minimum(0), z.maximum(15))),
  name: localTextSchema,
  description: localTextSchema,
  glyph: glyphSchema,
});
export type Category = z.infer<typeof categorySchema>;

export const serviceSchema = z.object({
  id: slugSchema,
  name: localTextSchema,
  glyph: glyphSchema,
  category: slugSchema,
  /** The service's own names, each with all its subdomains: what blocking or allowing the service means. */
  names: z.array(dnsNameSchema).check(z.minLength(1), z.maxLength(200)),
  /** Names it shares with others and cannot work without: opened with it in learning mode, never blocked with it. */
  needs: z.optional(z.array(dnsNameSchema)),
  /** Services it cannot work without: blocking one of them stops this one too. */
  dependsOn: z.optional(z.array(slugSchema)),
  /** What a parent should know before blocking or allowing it. */
  note: z.optional(localTextSchema),
  /** Where the names come from, as `key:path` with the keys of SOURCES.md: `v2fly:data/tiktok`. */
  sources: z.array(z.string()).check(z.minLength(1)),
});
export type Service = z.infer<typeof serviceSchema>;

export const starterListSchema = z.object({
  category: slugSchema,
  /** Path relative to this folder. */
  file: z.string().check(z.regex(/^lists\/[a-z-]+\.txt$/)),
});
export type StarterList = z.infer<typeof starterListSchema>;

export const catalogueSchema = z.object({
  categories: z.array(categorySchema),
  services: z.array(serviceSchema),
  starterLists: z.array(starterListSchema),
});
export type Catalogue = z.infer<typeof catalogueSchema>;

import * as z from 'zod/mini';
import { slugSchema } from '../policy/slug.ts';

/** What a table may be called. */
export const tableVersionPattern = /^[A-Za-z0-9.:_-]{1,64}$/;

/** No table is longer, in bytes: far below where its offsets end, far above what any router takes. */
export const LONGEST_TABLE = 2 ** 30;

/** A compiled table of names by category, as docs/lists.md describes it. */
export const listTableSchema = z.object({
  /** Names this content for people; the table itself carries it too. */
  version: z.string().check(z.regex(tableVersionPattern)),
  /** Where it is, below the cloud's URL. */
  path: z.string().check(z.regex(/^\/[A-Za-z0-9._/-]{1,199}$/)),
  bytes: z.int().check(z.positive(), z.maximum(LONGEST_TABLE)),
  /** Of the whole file. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});
export type ListTable = z.infer<typeof listTableSchema>;

/** Body of the `lists` document: which table a router is to use, and what is in it. */
export const listsBodySchema = z.object({
  /** Null where the cloud has none: the router keeps what it has, or came with. */
  table: z.nullable(listTableSchema),
  /** Most important first: what a router without room for all leaves out last. */
  categories: z
    .array(
      z.object({
        id: slugSchema,
        /** The category's place in a mask of the table. */
        bit: z.int().check(z.minimum(0), z.maximum(15)),
        /** Names that the table has of it. */
        names: z.int().check(z.nonnegative()),
      }),
    )
    .check(z.maxLength(16)),
});
export type ListsBody = z.infer<typeof listsBodySchema>;

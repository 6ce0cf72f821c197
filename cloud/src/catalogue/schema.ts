import { localTextSchema, slugSchema } from '@khien/shared/policy';
import { z } from 'zod';

/** `GET /api/v1/catalogue`: what rules can name, as people see it. Domain names stay between cloud and router. */
export const catalogueViewSchema = z.object({
  categories: z.array(
    z.object({
      id: slugSchema,
      name: localTextSchema,
      description: localTextSchema,
      glyph: z.string(),
      /** Whether there is a list of names for it, beside the services that are in it. */
      hasList: z.boolean(),
    }),
  ),
  services: z.array(
    z.object({
      id: slugSchema,
      name: localTextSchema,
      glyph: z.string(),
      category: slugSchema,
      /** Services without which it does not work. */
      dependsOn: z.array(slugSchema),
      /** What a parent should know before blocking or allowing it. */
      note: z.nullable(localTextSchema),
    }),
  ),
});
export type CatalogueView = z.infer<typeof catalogueViewSchema>;

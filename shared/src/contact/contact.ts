import * as z from 'zod/mini';
import { dnsNameSchema } from '../name.ts';
import { localTextSchema } from '../policy/policy.ts';
import { slugSchema } from '../policy/slug.ts';

/** Somebody a child can turn to, or a way of calling that must keep working: reachable whatever the policy says. */
export const contactSchema = z.object({
  id: slugSchema,
  name: localTextSchema,
  /** `calling` is not shown to people: it names what Wi-Fi calling needs. */
  kind: z.enum(['hotline', 'emergency', 'counselling', 'calling']),
  /** As dialled within Viet Nam, digits only; null where there is a website only. */
  phone: z.nullable(z.string().check(z.regex(/^\+?[0-9]{3,15}$/))),
  hours: localTextSchema,
  /** Slug of the province that runs it; null for the whole country. */
  region: z.nullable(slugSchema),
  website: z.nullable(z.string().check(z.maxLength(200), z.regex(/^https?:\/\/[a-z0-9.-]+(\/\S*)?$/))),
  /** Names, with all below them, that stay reachable in pause, bedtime, quota and quarantine. */
  names: z.array(dnsNameSchema).check(z.maxLength(16)),
});
export type Contact = z.infer<typeof contactSchema>;

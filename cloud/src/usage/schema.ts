import { quotaTargetSchema } from '@khien/shared/policy';
import { z } from 'zod';

/** `GET /api/v1/households/:household/profiles/:profile/usage?days=` */
export const usageQuerySchema = z.object({ days: z.coerce.number().int().min(1).max(31).default(7) });

/** How much a child was online, day by day, and how often something was blocked: never what was visited. */
export const usageReportSchema = z.object({
  /** Every day asked for, the newest first, also those of which nothing was told. */
  days: z.array(
    z.object({
      /** Local date on which the quota day starts, YYYY-MM-DD. */
      day: z.string(),
      /** Active minutes by what quotas are of; the network's first. */
      minutes: z.array(z.object({ of: quotaTargetSchema, minutes: z.int() })),
      /** Tries that were blocked. */
      blocked: z.int(),
      /** Tries to get round the rules. */
      bypass: z.int(),
    }),
  ),
});
export type UsageReport = z.infer<typeof usageReportSchema>;

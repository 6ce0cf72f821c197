import * as z from 'zod/mini';
import { localDateOf, localDateSchema } from './local-date.ts';

/** Days without school, both ends included, in the household's calendar. */
export const holidaySchema = z
  .object({
    name: z.string().check(z.maxLength(64)),
    from: localDateSchema,
    to: localDateSchema,
  })
  .check(z.refine(({ from, to }) => from <= to, { error: 'a holiday ends before it begins', path: ['to'] }));
export type Holiday = z.infer<typeof holidaySchema>;

/** Whether a local day, as `local-date` gives it, is without school. */
export function isHoliday(holidays: readonly Holiday[], localDay: number): boolean {
  if (holidays.length === 0) return false;
  const date = localDateOf(localDay);
  return holidays.some(({ from, to }) => from <= date && date <= to);
}

import { idSchema } from '@khien/shared/id';
import { localDateSchema, localTextSchema } from '@khien/shared/policy';
import { z } from 'zod';
import { nameSchema } from '../name.schema.ts';

/** Days without school, both ends included, local dates as YYYY-MM-DD. */
export const holidayViewSchema = z.object({
  id: idSchema,
  name: z.string(),
  from: localDateSchema,
  to: localDateSchema,
});
export type HolidayView = z.infer<typeof holidayViewSchema>;

/** `POST /api/v1/households/:household/holidays`, and `PUT` of one. */
export const holidayRequestSchema = z
  .object({ name: nameSchema, from: localDateSchema, to: localDateSchema })
  .refine(({ from, to }) => from <= to, { path: ['to'], error: 'a holiday ends before it begins' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < 366 * 86_400_000, {
    path: ['to'],
    error: 'a holiday is a year at most',
  });

/** A public holiday that a household may add. */
export const publicHolidaySchema = z.object({
  id: z.string(),
  name: localTextSchema,
  from: localDateSchema,
  to: localDateSchema,
  /** Where the dates are from. */
  source: z.string(),
});
export type PublicHoliday = z.infer<typeof publicHolidaySchema>;

/** `GET /api/v1/households/:household/holidays` */
export const holidayListSchema = z.object({
  /** By date. */
  items: z.array(holidayViewSchema),
  /** Public holidays to come that the household has nothing of; nothing of them holds until it is added. */
  offered: z.array(publicHolidaySchema),
});

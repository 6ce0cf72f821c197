import { idSchema, instantSchema } from '@khien/shared/id';
import { timeOfDaySchema } from '@khien/shared/policy';
import { z } from 'zod';
import { aboutSchema, notificationKinds } from './about.ts';

const pageCursorSchema = z.string().regex(/^\d{1,16}\.[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'a cursor of a page');

export const notificationSchema = z.object({
  id: idSchema,
  about: aboutSchema,
  profile: z.nullable(idSchema),
  router: z.nullable(idSchema),
  count: z.int(),
  firstAt: instantSchema,
  at: instantSchema,
  /** Whether `at` can only be near, because the router's clock was wrong. */
  guessed: z.boolean(),
  /** Counted up with each change: what was seen up to one is told to `read`. */
  sequence: z.int(),
  unread: z.boolean(),
  /** Answered, decided or over: it needs nobody any more. */
  settled: z.boolean(),
  settledAt: z.nullable(instantSchema),
});
export type NotificationView = z.infer<typeof notificationSchema>;

/** `GET /api/v1/households/:household/notifications?before=&limit=`: newest first. */
export const notificationQuerySchema = z.object({
  before: z.optional(pageCursorSchema),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const notificationPageSchema = z.object({
  items: z.array(notificationSchema),
  next: z.nullable(z.string()),
  /** Of all, not of this page. */
  unread: z.int(),
});
export type NotificationPage = z.infer<typeof notificationPageSchema>;

/** `POST …/notifications/read`: everything up to `sequence` was seen. */
export const readSchema = z.object({ sequence: z.int().min(0).max(Number.MAX_SAFE_INTEGER) });

/** push: told at once on the phone, and in the app. */
export const channels = ['push', 'in-app', 'off'] as const;
export const channelSchema = z.enum(channels);
export type Channel = z.infer<typeof channelSchema>;

/** Starts on each of `days` at `start`, local time, and ends at the next `end`, past midnight where that is not later. */
export const quietHoursSchema = z
  .object({
    /** ISO weekdays on which it starts. */
    days: z.array(z.int().min(1).max(7)).min(1).max(7),
    start: timeOfDaySchema,
    end: timeOfDaySchema,
  })
  .refine(({ start, end }) => start !== end, { path: ['end'], error: 'not the same as the start' });
export type QuietHours = z.infer<typeof quietHoursSchema>;
export const quietSchema = z.array(quietHoursSchema).max(7);

const kindSchema = z.enum(notificationKinds);

/** `GET …/notification-settings`: how the one who asks is told about this household. */
export const notificationSettingsSchema = z.object({
  channels: z.record(kindSchema, channelSchema),
  /** Kinds of which the channel cannot be chosen: a child's call for help reaches its parents. */
  fixed: z.array(kindSchema),
  quiet: quietSchema,
  /** Whether a push says names and what it is about, which the lock screen shows. */
  details: z.boolean(),
});
export type NotificationSettings = z.infer<typeof notificationSettingsSchema>;

/** `PATCH …/notification-settings`: what is left out stays as it is. */
export const settingsChangeSchema = z.object({
  channels: z.optional(z.partialRecord(kindSchema, channelSchema)),
  quiet: z.optional(quietSchema),
  details: z.optional(z.boolean()),
});
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

import { z } from 'zod';

/** One line of text, without control characters. */
export const lineSchema = z
  .string()
  .trim()
  .regex(/^\P{Cc}*$/u, 'no control characters');

/** What people call themselves, a child, a device, a home. */
export const nameSchema = lineSchema.min(1).max(64);

import { z } from 'zod';

/** What people call themselves, a child, a device, a home: one line, without control characters. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}*$/u, 'no control characters');

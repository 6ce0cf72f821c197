import { KhienError } from '@khien/shared/error';
import * as z from 'zod/mini';

/** What the process that downloads a table is asked to do. */
export const downloadJobSchema = z.object({
  /** https:// or http://, of the table itself. */
  url: z.string(),
  /** PEM file of the CA to trust instead of the system's. */
  authority: z.optional(z.string()),
  /** The length and hash that the cloud's signed document says. */
  bytes: z.int().check(z.positive()),
  sha256: z.string(),
  /** Where what has come is kept, also between tries, and where the proven table goes. Both in one folder. */
  part: z.string(),
  target: z.string(),
  /** Milliseconds without a byte after which the connection counts as dead. */
  idleMs: z.int().check(z.positive()),
  /** Milliseconds that a try may take; the next one goes on where it ended. */
  tryMs: z.int().check(z.positive()),
  /** Bytes of the file system that are left to others. */
  reserve: z.int().check(z.nonnegative()),
});
export type DownloadJob = z.infer<typeof downloadJobSchema>;

/** What it answers with, as one line of JSON. */
export const downloadOutcomeSchema = z.union([
  z.object({ done: z.literal(true) }),
  z.object({ done: z.literal(false), code: z.string(), message: z.string() }),
]);
export type DownloadOutcome = z.infer<typeof downloadOutcomeSchema>;

/** Codes of downloads that will not become better by asking again soon: the cloud has something wrong, or no room is left. */
const lasting: readonly string[] = [
  'LIST_CHECKSUM',
  'LIST_CORRUPT',
  'LIST_UNSUPPORTED',
  'LIST_TOO_LARGE',
  'LIST_NO_SPACE',
  'LIST_GONE',
];

export function isLasting(code: string): boolean {
  return lasting.includes(code);
}

export function noSpace(cause?: unknown): KhienError {
  return new KhienError('LIST_NO_SPACE', 'there is no room for the new list on flash', { cause });
}

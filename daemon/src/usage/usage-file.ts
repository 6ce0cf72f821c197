import { idSchema } from '@khien/shared/id';
import * as z from 'zod/mini';
import { TwinFile } from '../storage/twin-file.ts';

/** Runs of minutes, as `MinuteSet` writes them: the first minute may be before the machine's start, the rest are lengths. */
const runsSchema = z.array(z.int().check(z.minimum(-1e9), z.maximum(1e9))).check(
  z.maxLength(8000),
  z.refine((runs) => runs.slice(1).every((length) => length > 0 && length <= 10_000)),
);
const minutesSchema = z.record(idSchema, z.record(z.string().check(z.maxLength(64)), runsSchema));

/** What is kept of usage: the account's minutes, and what was told of. */
export const storedUsageSchema = z.object({
  /** Which start of the machine `undated` and `readAt` belong to. */
  start: z.string().check(z.maxLength(64)),
  /** Milliseconds of uptime up to which traffic was read. */
  readAt: z.number(),
  /** Where the kernel's counters stood then; not kept on flash. */
  marks: z.nullable(
    z
      .array(z.tuple([z.string().check(z.maxLength(100)), z.array(z.number()).check(z.maxLength(4))]))
      .check(z.maxLength(10_000)),
  ),
  minutes: minutesSchema,
  undated: minutesSchema,
  /** Quotas that were told to be spent. */
  toldSpent: z.array(z.string().check(z.maxLength(100))).check(z.maxLength(2048)),
});
export type StoredUsage = z.infer<typeof storedUsageSchema>;

/** A file of stored usage. */
export class UsageFile {
  readonly #file: TwinFile;

  constructor(path: string) {
    this.#file = new TwinFile(path);
  }

  /**
   * What it holds; undefined where there is none. A damaged one is told of, and the next is written over it.
   *
   * @throws what the file system throws
   */
  async load(damaged: (error: unknown) => void): Promise<StoredUsage | undefined> {
    try {
      const bytes = await this.#file.read();
      return bytes === undefined ? undefined : storedUsageSchema.parse(JSON.parse(bytes.toString()));
    } catch (error) {
      if (isSystemError(error)) throw error;
      damaged(error);
      return undefined;
    }
  }

  /** On disk when it resolves. */
  save(usage: StoredUsage): Promise<void> {
    return this.#file.write(JSON.stringify(usage));
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'errno' in error;
}

/** A part of the daemon. Its constructor only stores what it is given; `stop` undoes all of `start`, and may come twice. */
export interface Part {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts parts in order; where one fails, those that had started are stopped, last first, and its error is thrown. */
export async function startAll(parts: readonly Part[]): Promise<void> {
  for (const [index, part] of parts.entries()) {
    try {
      await part.start();
    } catch (error) {
      await stopAll(parts.slice(0, index + 1));
      throw error;
    }
  }
}

/** Stops parts, last first. Every part gets its chance; the first error is thrown at the end. */
export async function stopAll(parts: readonly Part[]): Promise<void> {
  const errors: unknown[] = [];
  for (const part of [...parts].reverse()) {
    await part.stop().catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw errors[0];
}

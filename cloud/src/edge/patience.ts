import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../store/failures.ts';

/** Between tries of a store that does not answer, milliseconds. */
const FIRST = 50;
const LONGEST = 500;

/** How long to wait before try number `tries` + 1, milliseconds; no two waiters in step. */
export function pause(tries: number): number {
  return Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + Math.random());
}

/** Does it again while the store does not answer and it is still `wanted`; throws what else goes wrong, and then that. */
export async function patiently<T>(work: () => Promise<T>, wanted: () => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || !wanted()) throw error;
    }
    await sleep(pause(tries));
  }
}

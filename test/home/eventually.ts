import { setTimeout as delay } from 'node:timers/promises';
import { isKhienError } from '@khien/shared/error';
import { homeError } from './error.ts';

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Polls `condition` every 20 ms until it gives something truthy, and returns that. What it throws counts as "not yet",
 * but that a program has exited will not change and is thrown on.
 * @param timeout milliseconds; the condition is tried at least once
 * @throws KhienError HOME_TIMEOUT, with the last error as its cause and in its message
 */
export async function eventually<T>(
  description: string,
  condition: () => T | Promise<T>,
  timeout = 5_000,
): Promise<Truthy<T>> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      cause = undefined;
      if (isTruthy(value)) return value;
    } catch (error) {
      if (isKhienError(error) && error.code === 'HOME_PROGRAM_EXITED') throw error;
      cause = error;
    }
    await delay(20);
  } while (performance.now() < deadline);
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  throw homeError('HOME_TIMEOUT', `still not so after ${timeout} ms: ${description}${reason}`, cause);
}

function isTruthy<T>(value: T): value is Truthy<T> {
  return Boolean(value);
}

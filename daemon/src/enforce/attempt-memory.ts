import type { BypassMethod } from '@khien/shared/event';
import type { Mac } from '@khien/shared/id';
import { isNetlinkError, macAddressText, type Nftables } from 'node-nftables';
import { methodOfNumber } from './bypass-policy.ts';
import { ATTEMPT_MEMORY, attempts } from './bypass-sets.ts';

/** What the kernel remembers of a device's tries in one way. */
export interface KernelAttempt {
  readonly mac: Mac;
  readonly method: BypassMethod;
  /** Milliseconds since the last. */
  readonly ago: number;
}

/**
 * Takes what the kernel remembers out of it, so that it is told once, also when the process that asked is gone. What comes
 * between looking and taking belongs to a try that is told.
 *
 * @throws NetlinkError
 */
export async function takeAttempts(nft: Nftables): Promise<KernelAttempt[]> {
  const elements = await nft.listElements(attempts);
  if (elements.length === 0) return [];
  try {
    await nft
      .transaction()
      .destroyElements(
        attempts,
        elements.map(({ key }) => ({ key })),
      )
      .commit();
  } catch (error) {
    // The table went, or an element by itself: it is looked at again soon.
    if (isNetlinkError(error) && error.code === 'ENOENT') return [];
    throw error;
  }
  return elements.flatMap(({ key, expiration }): KernelAttempt[] => {
    const method = methodOfNumber(key.readUInt32LE(8));
    if (method === undefined) return [];
    const ago = Math.max(ATTEMPT_MEMORY - (expiration ?? ATTEMPT_MEMORY), 0);
    return [{ mac: macAddressText(key.subarray(0, 6)), method, ago }];
  });
}

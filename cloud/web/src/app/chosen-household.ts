import type { Account, Id } from '../api/contract.ts';
import type { Keep } from '../api/keep.ts';

const KEY = 'household';

/** Which household this phone shows, of an account that belongs to several. */
export function chosenHousehold(
  keep: Keep,
  { households }: Account,
): Account['households'][number] | undefined {
  const chosen = keep.read(KEY);
  return households.find(({ id }) => id === chosen) ?? households[0];
}

/** Holds from the next rendering of the app on. */
export function chooseHousehold(keep: Keep, household: Id): void {
  keep.write(KEY, household);
}

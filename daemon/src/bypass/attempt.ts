import type { BypassMethod } from '@khien/shared/event';
import type { Mac } from '@khien/shared/id';

/** A device tried to get round the rules. What was on the other side is not said. */
export interface Attempt {
  readonly mac: Mac;
  readonly method: BypassMethod;
  /** The blocked service whose address was tried, by its id in the catalogue; absent for the other methods, and in study mode for any other address. */
  readonly service?: string;
  /** Milliseconds since; 0 for now. */
  readonly ago: number;
}

/** Takes the attempts since it was last asked; each is given once. */
export type AttemptSource = () => Promise<readonly Attempt[]>;

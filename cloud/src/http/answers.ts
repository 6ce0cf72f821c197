import { DAY } from '@khien/shared/policy';

/** For how long a request may be asked again, milliseconds. */
export const ANSWERS_KEPT = DAY;

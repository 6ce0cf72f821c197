import { HELP, STUDY, UNDECIDED } from '../layout.ts';

/**
 * Whether the chain of a profile (`profileRules`) sends a query to the responder for good, by the classifier's answer.
 * While the responder lives, it also gets what is `TRACKED`.
 */
export function isSteered(answer: number, mask: number): boolean {
  if ((answer & HELP) !== 0) return false;
  if ((answer & (mask | UNDECIDED) & ~STUDY) !== 0) return true;
  return (mask & STUDY) !== 0 && (answer & STUDY) === 0;
}

import type { Id, Instant } from '@khien/shared/id';
import type { Answer } from '@khien/shared/policy';
import type { Filed } from './request-desk.ts';
import type { Askable } from './request-form.ts';

/** A request as the child sees it. What it wrote is not shown again: somebody may look over its shoulder. */
export interface ShownRequest {
  /** `unknown` for an answer to a request from before the router restarted. */
  readonly ask: 'time' | 'help' | 'unknown';
  readonly minutes: number;
  readonly of: Askable;
  readonly at: Instant;
  readonly answer: Answer | null;
}

const MAX_SHOWN = 5;
/** Answers to requests that are not remembered are shown for a day. */
const ANSWER_SHOWN = 24 * 3600 * 1000;

/** A child's requests with their answers, newest first. */
export function shownRequests(
  profile: Id,
  filed: readonly Filed[],
  answers: readonly Answer[],
  now: Instant,
): ShownRequest[] {
  const own = answers.filter((answer) => answer.profile === profile);
  const known = new Set(filed.map(({ request }) => request));
  const remembered = filed.map(({ request, ask, minutes, of, at }): ShownRequest => {
    return { ask, minutes, of, at, answer: own.find((answer) => answer.request === request) ?? null };
  });
  const others = own
    .filter(({ request, at }) => !known.has(request) && now - at < ANSWER_SHOWN)
    .map(
      (answer): ShownRequest => ({
        ask: 'unknown',
        minutes: answer.minutes,
        of: null,
        at: answer.at,
        answer,
      }),
    );
  return [...remembered, ...others].sort((a, b) => b.at - a.at).slice(0, MAX_SHOWN);
}

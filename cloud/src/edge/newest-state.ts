import type { Usage } from '@khien/shared/policy';
import type { State } from '@khien/shared/topic';

/** As `stateSchema` has it. */
const MAX_USAGE = 2048;

/**
 * The later state of two of a router. It says all that the earlier one does but for minutes of a child's day that ended between
 * them, which are kept.
 */
export function newestOf(earlier: State, later: State): State {
  if (earlier.timeSource === 'unsynced') return later;
  const told = new Set(later.usage.map(dayOf));
  const ended = earlier.usage.filter((usage) => !told.has(dayOf(usage)));
  if (ended.length === 0) return later;
  return { ...later, usage: [...later.usage, ...ended].slice(0, MAX_USAGE) };
}

function dayOf({ profile, day }: Usage): string {
  return `${profile} ${day}`;
}

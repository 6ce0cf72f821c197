import type { DeviceEvidence } from '@khien/shared/event';
import type { Instant } from '@khien/shared/id';
import type { Fingerprint } from './dhcp-note.ts';

/** What a device tells of itself. */
export interface Traits {
  readonly hostname: string | null;
  readonly fingerprint: Fingerprint | null;
}

/** What an address was used by. */
export interface TraitHistory extends Traits {
  /** What it was before that, and until when. */
  readonly former: (Traits & { readonly until: Instant }) | null;
}

/** An update or a new name comes once; what is back within so long (milliseconds) is another device in turns. */
const IN_TURNS = 24 * 3_600_000;

/**
 * Takes up what an address tells now. Name and system at once are never changed by one device alone; one of them is: a new
 * name, an update, which is learned, unless it changes back as with two devices in turns. Where a device tells nothing,
 * nothing has changed.
 */
export function learnTraits(
  before: TraitHistory,
  told: Traits,
  now: Instant,
): { readonly after: TraitHistory; readonly evidence: readonly DeviceEvidence[] } {
  const kinds = ['hostname', 'fingerprint'] as const;
  const changed = kinds.filter((kind) => differs(before[kind], told[kind]));
  const next = {
    hostname: told.hostname ?? before.hostname,
    fingerprint: told.fingerprint ?? before.fingerprint,
  };
  if (changed.length === 0) return { after: { ...next, former: before.former }, evidence: [] };
  const { former, hostname, fingerprint } = before;
  const after = { ...next, former: { hostname, fingerprint, until: now } };
  const inTurns =
    former !== null &&
    now - former.until < IN_TURNS &&
    changed.every((kind) => former[kind] !== null && !differs(former[kind], told[kind]));
  return { after, evidence: changed.length === kinds.length || inTurns ? changed : [] };
}

function differs(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() !== other.toLowerCase();
}

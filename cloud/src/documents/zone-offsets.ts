import { KhienError } from '@khien/shared/error';
import type { Instant } from '@khien/shared/id';
import { DAY, MINUTE, type ZoneOffset } from '@khien/shared/policy';
import { Temporal } from 'temporal-polyfill';

/** A router's clock may be behind, and a document may be in force for long: this much of the past and the future. */
const BEHIND = 30 * DAY;
const AHEAD = 3 * 366 * DAY;
const MAX_OFFSETS = 64;

/**
 * The offsets of an IANA zone from 30 days before `now` to three years after, oldest first. The first one starts when
 * it really did, so that the answer stays the same from day to day, until a change of the clock enters or leaves.
 *
 * @throws KhienError `ZONE_UNKNOWN`
 */
export function zoneOffsets(zone: string, now: Instant): ZoneOffset[] {
  const start = startIn(zone, now - BEHIND);
  const since = start.getTimeZoneTransition('previous');
  const offsets = [{ from: Math.max(since?.epochMilliseconds ?? 0, 0), minutes: minutesOf(start) }];
  for (
    let next = start.getTimeZoneTransition('next');
    next !== null && next.epochMilliseconds <= now + AHEAD && offsets.length < MAX_OFFSETS;
    next = next.getTimeZoneTransition('next')
  ) {
    offsets.push({ from: next.epochMilliseconds, minutes: minutesOf(next) });
  }
  return offsets;
}

function startIn(zone: string, at: Instant): Temporal.ZonedDateTime {
  try {
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  } catch (cause) {
    throw new KhienError('ZONE_UNKNOWN', `no time zone is called ${zone}`, { cause });
  }
}

function minutesOf(time: Temporal.ZonedDateTime): number {
  return Math.round(time.offsetNanoseconds / 1e6 / MINUTE);
}

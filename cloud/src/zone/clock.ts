import type { Instant } from '@khien/shared/id';
import { DAY, type ZoneOffset } from '@khien/shared/policy';
import { zoneOffsets } from '../documents/zone-offsets.ts';

/** Looking for a zone's changes of the clock costs milliseconds, so what was found serves the rest of the UTC day. */
export class ZoneClock {
  readonly #found = new Map<string, { readonly day: number; readonly offsets: readonly ZoneOffset[] }>();

  /** The offsets around `now`, as far as `accessAt` looks. */
  around(zone: string, now: Instant): readonly ZoneOffset[] {
    const day = Math.floor(now / DAY);
    const found = this.#found.get(zone);
    if (found?.day === day) return found.offsets;
    const offsets = zoneOffsets(zone, now);
    this.#found.set(zone, { day, offsets });
    return offsets;
  }
}

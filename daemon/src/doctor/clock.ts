import type { Instant } from '@khien/shared/id';
import { type Finding, ok, problem } from './finding.ts';

/** Before this daemon was written, and after its routers are gone. */
const EARLIEST = Date.UTC(2026, 0, 1);
const LATEST = Date.UTC(2056, 0, 1);

/** Whether bedtimes begin when they should. `synchronised` is whether NTP has set the clock; undefined where not known. */
export function checkClock(now: Instant, synchronised: boolean | undefined): Finding {
  const check = 'clock';
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  if (now < EARLIEST || now > LATEST) {
    return problem(check, `${time} cannot be right`, 'see that NTP works: /etc/init.d/sysntpd restart');
  }
  if (synchronised === false) {
    return problem(check, `${time}, not set by NTP since the start`, 'see that NTP reaches its servers');
  }
  return ok(check, synchronised === undefined ? time : `${time}, set by NTP`);
}

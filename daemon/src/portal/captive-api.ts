import type { Instant } from '@khien/shared/id';
import type { ChildStatus } from './child-status.ts';

/** Where the API is, on the page's own host. */
export const CAPTIVE_API = '/captive-portal/api';
/** RFC 8908 §4. */
export const CAPTIVE_TYPE = 'application/captive+json';

/** RFC 8908 §5. */
export interface CaptiveState {
  readonly captive: boolean;
  readonly 'user-portal-url': string;
  /** Seconds until the network goes off by itself. */
  readonly 'seconds-remaining'?: number;
  /** Whether more time can be asked for on the page. */
  readonly 'can-extend-session'?: boolean;
}

/**
 * What RFC 8908 lets a system ask. Systems themselves take it over HTTPS alone (§4.1), which a router without a name in the
 * public DNS cannot offer; the page's own script, and whoever puts a certificate before it, do with this.
 */
export function childCaptiveState(page: string, status: ChildStatus, now: Instant): CaptiveState {
  const { online, until, next } = status;
  return {
    captive: !online,
    'user-portal-url': page,
    ...(online && until !== null && next === 'off'
      ? { 'seconds-remaining': Math.max(0, Math.ceil((until - now) / 1000)) }
      : {}),
    'can-extend-session': !online || until !== null,
  };
}

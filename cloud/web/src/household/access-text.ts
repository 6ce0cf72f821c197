import type { ProfileView } from '../api/contract.ts';
import type { Tone } from '../design/badge.tsx';
import type { Format } from '../language/format.ts';
import type { Texts } from '../language/vi.ts';
import { scheduleOpenAt } from './schedule-time.ts';

/** The state of a child's network as a person reads it. */
export interface AccessText {
  readonly tone: Tone;
  readonly text: string;
}

type Child = Pick<ProfileView, 'access' | 'rules'>;

/** How long after its end a state is still shown: the phone asks again then, milliseconds. */
const PATIENCE = 60_000;

/** What is so, until when, and why. What has ended while nobody could be asked is not known any more. */
export function accessText(texts: Texts, format: Format, child: Child, now: number): AccessText {
  const { reason, until } = child.access;
  const { access } = texts;
  if (until !== null && now > until + PATIENCE) {
    return { tone: 'quiet', text: access.unknownSince(format.moment(until, now)) };
  }
  const end = until === null ? undefined : format.moment(until, now);
  const scheduleAt = (instant: number) =>
    scheduleOpenAt(child.rules.schedules, instant, format.zone)?.name || access.bedtime;

  switch (reason) {
    case 'grant':
      return { tone: 'grant', text: end === undefined ? access.granted : access.grantedUntil(end) };
    case 'pause':
      return { tone: 'pause', text: end === undefined ? access.pausedOpen : access.pausedUntil(end) };
    case 'device-pause':
      return { tone: 'pause', text: end === undefined ? access.pausedOpen : access.pausedUntil(end) };
    case 'learning':
    case 'study-time':
      return { tone: 'good', text: end === undefined ? access.learning : access.learningUntil(end) };
    case 'quota':
      return { tone: 'night', text: end === undefined ? access.quota : access.quotaUntil(end) };
    case 'schedule': {
      const name = scheduleAt(now);
      return { tone: 'night', text: end === undefined ? name : access.scheduleUntil(name, end) };
    }
    case 'free':
      if (until === null || end === undefined) return { tone: 'good', text: access.online };
      return { tone: 'good', text: access.onlineThen(end, scheduleAt(until)) };
  }
}

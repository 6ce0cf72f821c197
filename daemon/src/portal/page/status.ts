import type { Instant } from '@khien/shared/id';
import type { AccessReason, ZoneOffset } from '@khien/shared/policy';
import type { ChildStatus } from '../child-status.ts';
import { html, type Markup, type Piece } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { localMoment } from '../local-time.ts';
import type { Scene } from './art.ts';
import { hero } from './hero.ts';

const scenes: Readonly<Record<AccessReason, Scene>> = {
  'device-pause': 'pause',
  grant: 'grant',
  pause: 'pause',
  schedule: 'schedule',
  quota: 'quota',
  learning: 'learning',
  'study-time': 'learning',
  free: 'free',
};

/** Is the network on, why, and until when. */
export function statusCard(
  texts: Texts,
  name: string,
  status: ChildStatus,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Markup {
  return hero({
    scene: scenes[status.reason],
    captive: !status.online,
    greeting: texts.status.hello(name),
    heading: texts.status[status.reason],
    lines: html`${when(texts, status, offsets, now)}${why(texts, status)}`,
  });
}

function when(texts: Texts, status: ChildStatus, offsets: readonly ZoneOffset[], now: Instant): Piece {
  const { mode, until, minutesLeft } = status;
  if (until === null || minutesLeft === null) {
    const forGood = {
      open: texts.status.noLimit,
      learning: texts.status.untilStudied,
      off: texts.status.untilResumed,
    };
    return html`<p class="when">${forGood[mode]}</p>`;
  }
  const moment = texts.moment(localMoment(offsets, until, now));
  return html`<p class="when">${change(texts, status)} <strong>${moment}</strong></p>
<p class="left">${texts.status.left(texts.duration(minutesLeft))}</p>`;
}

/** What ends, or comes, at the moment that is named next. */
function change(texts: Texts, { mode, next }: ChildStatus): string {
  if (mode === 'off') return texts.status.offUntil;
  if (next === 'off') return texts.status.onUntil;
  return mode === 'learning' ? texts.status.studyUntil : texts.status.studyFrom;
}

function why(texts: Texts, { reason, schedule }: ChildStatus): Piece {
  if (reason === 'free') return null;
  const scheduled = schedule?.name ? texts.status.scheduledBy(schedule.name) : texts.status.scheduled;
  const reasons = {
    'device-pause': texts.status.devicePausedBy,
    grant: texts.status.grantedBy,
    pause: texts.status.pausedBy,
    schedule: scheduled,
    'study-time': scheduled,
    learning: texts.status.learningBy,
    quota: texts.status.quotaBy,
  };
  return html`<p class="why">${reasons[reason]}</p>`;
}

import type { Instant } from '@khien/shared/id';
import type { ZoneOffset } from '@khien/shared/policy';
import type { ChildStatus } from '../child-status.ts';
import { html, type Markup, type Piece } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { localMoment } from '../local-time.ts';
import { hero } from './hero.ts';

/** Is the network on, why, and until when. */
export function statusCard(
  texts: Texts,
  name: string,
  status: ChildStatus,
  offsets: readonly ZoneOffset[],
  now: Instant,
): Markup {
  return hero({
    scene: status.reason,
    greeting: texts.status.hello(name),
    heading: texts.status[status.reason],
    lines: html`${when(texts, status, offsets, now)}${why(texts, status)}`,
  });
}

function when(texts: Texts, status: ChildStatus, offsets: readonly ZoneOffset[], now: Instant): Piece {
  const { online, until, minutesLeft } = status;
  if (until === null || minutesLeft === null) {
    return html`<p class="when">${online ? texts.status.noLimit : texts.status.untilResumed}</p>`;
  }
  const moment = texts.moment(localMoment(offsets, until, now));
  return html`<p class="when">${online ? texts.status.onUntil : texts.status.offUntil} <strong>${moment}</strong></p>
<p class="left">${texts.status.left(texts.duration(minutesLeft))}</p>`;
}

function why(texts: Texts, { reason, schedule }: ChildStatus): Piece {
  if (reason === 'grant') return html`<p class="why">${texts.status.grantedBy}</p>`;
  if (reason === 'pause') return html`<p class="why">${texts.status.pausedBy}</p>`;
  if (reason === 'free') return null;
  const text = schedule?.name ? texts.status.scheduledBy(schedule.name) : texts.status.scheduled;
  return html`<p class="why">${text}</p>`;
}

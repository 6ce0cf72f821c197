import type { Instant } from '@khien/shared/id';
import type { Policy } from '@khien/shared/policy';
import { html, type Markup } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { localMoment } from '../local-time.ts';
import type { ShownRequest } from '../shown-requests.ts';
import { icons } from './art.ts';
import { targetName } from './quotas.ts';

/** By which times and services are called. */
type Named = Pick<Policy, 'offsets' | 'services' | 'categories'>;

/** The child's requests and what became of them. The section is always there, so that a script can fill it. */
export function requestsCard(
  texts: Texts,
  requests: readonly ShownRequest[],
  connected: boolean,
  policy: Named,
  now: Instant,
): Markup {
  const items = requests.map((request) => requestItem(texts, request, connected, policy, now));
  return html`<div id="requests" aria-live="polite">${
    items.length === 0
      ? null
      : html`<section class="card" aria-labelledby="requests-heading">
<h2 id="requests-heading">${icons.people}${texts.requests.heading}</h2>
<ul class="requests">${items}</ul>
</section>`
  }</div>`;
}

function requestItem(
  texts: Texts,
  request: ShownRequest,
  connected: boolean,
  policy: Named,
  now: Instant,
): Markup {
  const { answer } = request;
  const at = texts.requests.at(texts.moment(localMoment(policy.offsets, request.at, now)));
  const state =
    answer === null ? 'waiting' : answer.granted || request.ask === 'help' ? 'granted' : 'refused';
  const icon = { waiting: icons.clock, granted: icons.check, refused: icons.cross }[state];
  const reply = answer?.reply ?? '';
  return html`<li class="request request-${state}">
<span class="request-icon">${icon}</span>
<div>
<p><strong>${stateText(texts, request, connected)}</strong></p>
<p class="small">${askText(texts, request, policy)} · ${at}</p>
${reply === '' ? null : html`<p class="unseen">${texts.requests.reply}</p><blockquote><p>${reply}</p></blockquote>`}
</div>
</li>`;
}

function askText(texts: Texts, { ask, minutes, of }: ShownRequest, policy: Named): string {
  if (ask === 'help') return texts.requests.help;
  if (ask === 'unknown') return texts.requests.someTime;
  const duration = texts.duration(minutes);
  return of === null
    ? texts.requests.time(duration)
    : texts.requests.timeOf(duration, targetName(texts, of, policy));
}

function stateText(texts: Texts, { ask, answer }: ShownRequest, connected: boolean): string {
  if (answer === null) {
    if (!connected) return texts.requests.toBeSent;
    return ask === 'help' ? texts.requests.delivered : texts.requests.waiting;
  }
  if (ask === 'help') return texts.requests.answered;
  if (!answer.granted) return texts.requests.refused;
  return answer.minutes === 0
    ? texts.requests.answered
    : texts.requests.granted(texts.duration(answer.minutes));
}

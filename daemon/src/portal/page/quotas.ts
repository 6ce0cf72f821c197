import type { Instant } from '@khien/shared/id';
import {
  type AccessBasis,
  type LocalText,
  type Policy,
  type Profile,
  type QuotaStanding,
  type QuotaTarget,
  quotaStandings,
} from '@khien/shared/policy';
import { html, type Markup, type Piece } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { localMoment } from '../local-time.ts';
import { icons } from './art.ts';

/** What is left of each daily quota, what was added today, and when all begins anew; nothing where the child has none. */
export function quotasCard(
  texts: Texts,
  profile: Profile,
  policy: Pick<Policy, 'services' | 'categories'>,
  basis: AccessBasis,
  now: Instant,
): Piece {
  const standings = quotaStandings(profile, basis, now);
  const [first] = standings;
  if (first === undefined) return html`<div id="quotas"></div>`;
  return html`<section class="card" id="quotas" aria-labelledby="quotas-heading">
<h2 id="quotas-heading">${icons.clock}${texts.quotas.heading}</h2>
<ul class="schedules">${standings.map((standing) => quotaItem(texts, standing, profile, policy))}</ul>
<p class="small">${texts.quotas.anew(texts.moment(localMoment(basis.offsets, first.day.to, now)))}</p>
</section>`;
}

function quotaItem(
  texts: Texts,
  { quota, day, limit, left }: QuotaStanding,
  { bonuses }: Profile,
  policy: Pick<Policy, 'services' | 'categories'>,
): Markup {
  const name = targetName(texts, quota.of, policy);
  const state = standingText(texts, limit, left);
  const added = bonuses.filter(
    (bonus) => bonus.quota === quota.id && bonus.at >= day.from && bonus.at < day.to,
  );
  return html`<li><span class="schedule-icon">${icons.clock}</span><div><p><strong>${name}</strong></p><p class="small">${state}</p>${added.map(({ minutes, reason }) => html`<p class="small">${texts.quotas.added(texts.duration(minutes))}${reason === '' ? null : html`: ${reason}`}</p>`)}</div></li>`;
}

function standingText(texts: Texts, limit: number | null, left: number | null): string {
  if (limit === null || left === null) return texts.quotas.noLimit;
  if (limit === 0) return texts.quotas.notToday;
  const whole = texts.duration(limit);
  return left === 0 ? texts.quotas.spent(whole) : texts.quotas.left(texts.duration(Math.ceil(left)), whole);
}

/** What a quota is of, as a person calls it. */
export function targetName(
  texts: Texts,
  of: QuotaTarget,
  { services, categories }: Pick<Policy, 'services' | 'categories'>,
): string {
  if (of.kind === 'network') return texts.quotas.network;
  const named: readonly { readonly id: string; readonly name: LocalText }[] =
    of.kind === 'service' ? services : categories;
  return named.find(({ id }) => id === of.id)?.name[texts.code] ?? of.id;
}

import type { LocalText, Rules, Schedule, ScheduleMode } from '@khien/shared/policy';
import type { BlockedThings } from '../blocked-things.ts';
import { html, type Markup, type Piece } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { icons } from './art.ts';

/** When the network is off, what is blocked and what is filtered: everything that a parent set, in the open. */
export function rulesCard(texts: Texts, rules: Rules, blocked: BlockedThings): Markup {
  const { categories, services, names } = blocked;
  const offline = rules.schedules.filter(({ mode }) => mode === 'offline');
  const named = (items: readonly LocalText[]): string[] => items.map((item) => item[texts.code]);
  const nothing = categories.length + services.length + names.length === 0;
  return html`<section class="card" id="rules" aria-labelledby="rules-heading">
<h2 id="rules-heading">${icons.shield}${texts.rules.heading}</h2>
<p class="lead">${texts.rules.setByParents}</p>
<h3>${texts.rules.bedtimes}</h3>
${offline.length === 0 ? html`<p>${texts.rules.noBedtimes}</p>` : scheduleList(texts, offline)}
${windows(texts, rules, 'learning', texts.rules.studyTimes)}
${windows(texts, rules, 'free', texts.rules.freeTimes)}
${nothing ? html`<p>${texts.rules.nothingBlocked}</p>` : null}
${chips(texts.rules.categories, named(categories))}
${chips(texts.rules.services, [...named(services), ...names])}
${filters(texts, rules)}
<p class="aside">${icons.heart}<span>${texts.rules.always}</span></p>
</section>`;
}

function windows(texts: Texts, { schedules }: Rules, mode: ScheduleMode, heading: string): Piece {
  const inMode = schedules.filter((schedule) => schedule.mode === mode);
  return inMode.length === 0 ? null : html`<h3>${heading}</h3>${scheduleList(texts, inMode)}`;
}

function scheduleList(texts: Texts, schedules: readonly Schedule[]): Markup {
  return html`<ul class="schedules">${schedules.map((schedule) => scheduleItem(texts, schedule))}</ul>`;
}

function scheduleItem(texts: Texts, { name, mode, days, holidays, start, end }: Schedule): Markup {
  const window = start === end ? texts.rules.wholeDay : texts.rules.window(start, end);
  const when = holidays === 'included' ? null : html` · ${texts.rules.holidays[holidays]}`;
  const icon = mode === 'offline' ? icons.moon : icons.clock;
  return html`<li><span class="schedule-icon">${icon}</span><div><p><strong>${window}</strong></p><p class="small">${name === '' ? null : html`${name} · `}${texts.days(days)}${when}</p></div></li>`;
}

function chips(heading: string, items: readonly string[]): Piece {
  if (items.length === 0) return null;
  return html`<h3>${heading}</h3><ul class="chips">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function filters({ rules: texts }: Texts, { safeSearch, youtube }: Rules): Piece {
  const items = [
    ...(safeSearch ? [texts.safeSearch] : []),
    ...(youtube === 'open' ? [] : [texts.youtube[youtube]]),
  ];
  if (items.length === 0) return null;
  return html`<h3>${texts.filters}</h3><ul class="marked">${items.map((item) => html`<li>${icons.shield}<span>${item}</span></li>`)}</ul>`;
}

import { html, type Markup } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { icons } from './art.ts';

/** What is recorded about the child, and what never is. True to the events of the contract: change both together. */
export function privacyCard(texts: Texts): Markup {
  const { privacy } = texts;
  return html`<section class="card" id="privacy" aria-labelledby="privacy-heading">
<h2 id="privacy-heading">${icons.eye}${privacy.heading}</h2>
<h3>${privacy.recorded}</h3>
<ul class="marked seen">${privacy.recordedItems.map((item) => html`<li>${icons.eye}<span>${item}</span></li>`)}</ul>
<h3>${privacy.never}</h3>
<ul class="marked never">${privacy.neverItems.map((item) => html`<li>${icons.eyeOff}<span>${item}</span></li>`)}</ul>
<p class="small">${privacy.phoneKeeps}</p>
</section>`;
}

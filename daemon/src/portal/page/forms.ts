import { html, type Markup, type Piece } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { MAX_TEXT, type RequestForm, TIME_CHOICES } from '../request-form.ts';
import { icons } from './art.ts';

/** Whether more time can be asked for; if not, why not. */
export type TimeForm = 'open' | 'pending' | 'not-needed';

/** @param typed what was sent and not taken, to be sent again */
export function timeCard(texts: Texts, state: TimeForm, typed: RequestForm | null): Markup {
  return html`<section class="card" id="ask" data-state="${state}" aria-labelledby="ask-heading">
<h2 id="ask-heading">${icons.clock}${texts.ask.heading}</h2>
${state === 'open' ? timeForm(texts, typed) : html`<p class="lead">${state === 'pending' ? texts.ask.pending : texts.ask.notNeeded}</p>`}
</section>`;
}

function timeForm(texts: Texts, typed: RequestForm | null): Markup {
  const chosen = typed?.ask === 'time' ? typed.minutes : 30;
  const reason = typed?.ask === 'time' ? typed.text : '';
  return html`<form method="post" action="/request" accept-charset="utf-8">
<input type="hidden" name="ask" value="time">
<fieldset class="choices">
<legend>${texts.ask.minutes}</legend>
<div>${TIME_CHOICES.map((minutes) => choice(texts, minutes, minutes === chosen))}</div>
</fieldset>
${textField('ask-text', label(texts.ask.reason, texts.ask.optional), texts.ask.reasonHint, reason)}
<button class="button primary wide" type="submit">${texts.ask.send}</button>
</form>`;
}

function choice(texts: Texts, minutes: number, checked: boolean): Markup {
  return html`<label class="choice"><input type="radio" name="minutes" value="${minutes}"${checked ? html` checked` : null}><span>${texts.ask.choice(minutes)}</span></label>`;
}

/** @param phone of the hotline for what parents should not know; null where there is none */
export function helpCard(texts: Texts, phone: string | null, typed: RequestForm | null): Markup {
  const text = typed?.ask === 'help' ? typed.text : '';
  return html`<section class="card" id="help" aria-labelledby="help-heading">
<h2 id="help-heading">${icons.message}${texts.help.heading}</h2>
<p class="lead">${texts.help.explain}</p>
${phone === null ? null : html`<p class="aside">${icons.eyeOff}<span>${texts.help.notParents(phone)}</span></p>`}
<form method="post" action="/request" accept-charset="utf-8">
<input type="hidden" name="ask" value="help">
${textField('help-text', label(texts.help.text, texts.help.optional), '', text)}
<button class="button primary wide" type="submit">${texts.help.send}</button>
</form>
</section>`;
}

function label(text: string, hint: string): Markup {
  return html`${text} <span class="small">(${hint})</span>`;
}

function textField(id: string, caption: Piece, placeholder: string, value: string): Markup {
  return html`<div class="field"><label for="${id}">${caption}</label>
<textarea id="${id}" name="text" rows="2" maxlength="${MAX_TEXT}" autocomplete="off"${placeholder === '' ? null : html` placeholder="${placeholder}"`}>
${value}</textarea></div>`;
}

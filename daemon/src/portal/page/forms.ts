import { html, type Markup, type Piece } from '../html.ts';
import type { Texts } from '../language/index.ts';
import {
  type Askable,
  askableText,
  MAX_TEXT,
  type RequestForm,
  sameAskable,
  TIME_CHOICES,
} from '../request-form.ts';
import { icons } from './art.ts';

/** Something that more time can be asked for, by its name. */
export interface TimeChoice {
  readonly of: Askable;
  readonly name: string;
}

/**
 * @param choices what time can be asked for now
 * @param pending whether something was asked for that is not answered
 * @param typed what was sent and not taken, to be sent again
 */
export function timeCard(
  texts: Texts,
  choices: readonly TimeChoice[],
  pending: boolean,
  typed: RequestForm | null,
): Markup {
  // The page's script looks by it whether this has changed.
  const state =
    choices.length > 0
      ? choices.map(({ of }) => askableText(of)).join(' ')
      : pending
        ? 'pending'
        : 'not-needed';
  return html`<section class="card" id="ask" data-state="${state}" aria-labelledby="ask-heading">
<h2 id="ask-heading">${icons.clock}${texts.ask.heading}</h2>
${choices.length > 0 ? timeForm(texts, choices, typed) : html`<p class="lead">${pending ? texts.ask.pending : texts.ask.notNeeded}</p>`}
</section>`;
}

function timeForm(texts: Texts, choices: readonly TimeChoice[], typed: RequestForm | null): Markup {
  const chosen = typed?.ask === 'time' ? typed.minutes : 30;
  const reason = typed?.ask === 'time' ? typed.text : '';
  return html`<form method="post" action="/request" accept-charset="utf-8">
<input type="hidden" name="ask" value="time">
${choices.every(({ of }) => of === null) ? null : ofWhat(texts, choices, typed)}
<fieldset class="choices">
<legend>${texts.ask.minutes}</legend>
<div>${TIME_CHOICES.map((minutes) => choice('minutes', String(minutes), texts.ask.choice(minutes), minutes === chosen))}</div>
</fieldset>
${textField('ask-text', label(texts.ask.reason, texts.ask.optional), texts.ask.reasonHint, reason)}
<button class="button primary wide" type="submit">${texts.ask.send}</button>
</form>`;
}

function ofWhat(texts: Texts, choices: readonly TimeChoice[], typed: RequestForm | null): Markup {
  const sent = choices.find(({ of }) => typed?.ask === 'time' && sameAskable(of, typed.of));
  const chosen = sent ?? choices[0];
  return html`<fieldset class="choices names">
<legend>${texts.ask.of}</legend>
<div>${choices.map((each) => choice('of', askableText(each.of), each.name, each === chosen))}</div>
</fieldset>`;
}

function choice(name: string, value: string, text: string, checked: boolean): Markup {
  return html`<label class="choice"><input type="radio" name="${name}" value="${value}"${checked ? html` checked` : null}><span>${text}</span></label>`;
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

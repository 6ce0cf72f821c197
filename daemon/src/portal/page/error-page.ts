import type { Contact } from '@khien/shared/contact';
import { html } from '../html.ts';
import type { ErrorCode, Texts } from '../language/index.ts';
import { hotlineCard } from './contacts.ts';
import { document } from './document.ts';
import { hero } from './hero.ts';

/** Something that cannot be shown or taken, in words. Help stays in sight. */
export function errorPage(texts: Texts, error: ErrorCode, contacts: readonly Contact[]): string {
  return document(
    texts,
    texts.errorTitle,
    html`${hero({ scene: 'error', captive: false, greeting: texts.brand, heading: texts.errorTitle, lines: html`<p class="when">${texts.errors[error]}</p>` })}
<p><a class="button soft wide" href="/">${texts.back}</a></p>
${hotlineCard(texts, contacts)}`,
  );
}

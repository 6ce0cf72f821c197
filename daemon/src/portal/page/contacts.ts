import type { Contact } from '@khien/shared/contact';
import { html, type Markup } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { icons } from './art.ts';

const ORDER: readonly Contact['kind'][] = ['hotline', 'counselling', 'emergency'];

/** Those for people, the national hotline 111 first. */
export function shownContacts(contacts: readonly Contact[]): Contact[] {
  return contacts.filter(({ kind }) => kind !== 'calling').sort((a, b) => rank(a) - rank(b));
}

function rank(contact: Contact): number {
  return contact.phone === '111' ? -1 : ORDER.indexOf(contact.kind);
}

/** What a child in need should find without looking: one large button. Nothing where no contact has a telephone. */
export function hotlineCard(texts: Texts, contacts: readonly Contact[]): Markup | null {
  const contact = shownContacts(contacts).find(({ phone }) => phone !== null);
  if (contact === undefined || contact.phone === null) return null;
  return html`<section class="hotline" aria-labelledby="hotline-heading">
<div>
<h2 id="hotline-heading">${texts.hotline.question}</h2>
<p>${contact.name[texts.code]} · ${contact.hours[texts.code]}</p>
</div>
<a class="button call" href="tel:${contact.phone}">${icons.phone}<span>${texts.hotline.call(phoneText(contact.phone))}</span></a>
<p class="hotline-promise">${icons.eyeOff}<span>${texts.hotline.nobodySees}</span></p>
</section>`;
}

export function contactsCard(texts: Texts, contacts: readonly Contact[]): Markup {
  return html`<section class="card" id="contacts" aria-labelledby="contacts-heading">
<h2 id="contacts-heading">${icons.heart}${texts.contacts.heading}</h2>
<p class="lead">${texts.contacts.explain}</p>
<ul class="contacts">${shownContacts(contacts).map((contact) => contactItem(texts, contact))}</ul>
</section>`;
}

function contactItem(texts: Texts, contact: Contact): Markup {
  const name = contact.name[texts.code];
  const { phone, website } = contact;
  return html`<li>
<div class="contact-name"><p><strong>${name}</strong></p><p class="small">${contact.hours[texts.code]}</p></div>
${phone === null ? null : html`<a class="button soft" href="tel:${phone}" aria-label="${texts.contacts.call(name, phoneText(phone))}">${icons.phone}<span>${phoneText(phone)}</span></a>`}
${website === null ? null : html`<a class="button plain" href="${website}" rel="noopener noreferrer" target="_blank" aria-label="${texts.contacts.website}: ${name}">${icons.out}<span>${texts.contacts.website}</span></a>`}
</li>`;
}

/** Digits in groups, as they are read out. */
export function phoneText(phone: string): string {
  const groups = {
    8: /^(\d{4})(\d{4})$/,
    10: /^(\d{4})(\d{3})(\d{3})$/,
    11: /^(\d{5})(\d{3})(\d{3})$/,
  } as const;
  const length = phone.length;
  const pattern = length === 8 || length === 10 || length === 11 ? groups[length] : undefined;
  return pattern?.exec(phone)?.slice(1).join(' ') ?? phone;
}

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
<h2 id="hotline-heading">${texts.hotline.question}</h2>
<p>${contact.name[texts.code]} · ${contact.hours[texts.code]}</p>
<a class="button call wide" href="tel:${contact.phone}">${icons.phone}<span>${texts.hotline.call(phoneText(contact.phone))}</span></a>
<p class="promise">${icons.eyeOff}<span>${texts.hotline.nobodySees}</span></p>
</section>`;
}

export function contactsCard(texts: Texts, contacts: readonly Contact[]): Markup {
  const shown = shownContacts(contacts);
  const emergencies = shown.filter(({ kind }) => kind === 'emergency');
  const others = shown.filter(({ kind }) => kind !== 'emergency');
  return html`<section class="card" id="contacts" aria-labelledby="contacts-heading">
<h2 id="contacts-heading">${icons.heart}${texts.contacts.heading}</h2>
<p class="lead">${texts.contacts.explain}</p>
<ul class="contacts">${others.map((contact) => contactItem(texts, contact))}</ul>
${emergencies.length === 0 ? null : html`<h3>${texts.contacts.emergency}</h3><ul class="emergencies">${emergencies.map((contact) => emergencyItem(texts, contact))}</ul>`}
</section>`;
}

function contactItem(texts: Texts, contact: Contact): Markup {
  const { phone } = contact;
  return html`<li>
<p><strong>${contact.name[texts.code]}</strong></p><p class="small">${contact.hours[texts.code]}</p>
<div class="ways">
${phone === null ? null : html`<a class="button soft" href="tel:${phone}" aria-label="${callText(texts, contact, phone)}">${icons.phone}<span>${phoneText(phone)}</span></a>`}
${websiteLink(texts, contact)}
</div>
</li>`;
}

function emergencyItem(texts: Texts, contact: Contact): Markup {
  const { phone } = contact;
  if (phone === null) return contactItem(texts, contact);
  return html`<li><a class="tile" href="tel:${phone}" aria-label="${callText(texts, contact, phone)}"><strong>${phoneText(phone)}</strong><span>${contact.name[texts.code]}</span></a></li>`;
}

function websiteLink(texts: Texts, contact: Contact): Markup | null {
  if (contact.website === null) return null;
  return html`<a class="button ${contact.phone === null ? 'soft' : 'plain'}" href="${contact.website}" rel="noopener noreferrer" target="_blank" aria-label="${texts.contacts.website}: ${contact.name[texts.code]}">${icons.out}<span>${texts.contacts.website}</span></a>`;
}

function callText(texts: Texts, contact: Contact, phone: string): string {
  return texts.contacts.call(contact.name[texts.code], phoneText(phone));
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

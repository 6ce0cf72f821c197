import type { Contact } from '@khien/shared/contact';
import type { Mac } from '@khien/shared/id';
import { html, type Markup } from '../html.ts';
import type { Texts } from '../language/index.ts';
import { icons } from './art.ts';
import { contactsCard, hotlineCard } from './contacts.ts';
import { document } from './document.ts';
import { hero } from './hero.ts';
import { qrCode } from './qr.ts';

export interface GuestPage {
  readonly contacts: readonly Contact[];
  /** Of the device that looks at the page; undefined where it is not known. */
  readonly mac: Mac | undefined;
  /** Whether it is new, and its network off until a parent allows it. */
  readonly quarantined: boolean;
  /** For the parent who sets the router up; null once it is claimed. */
  readonly claimCode: string | null;
  /** Nobody has claimed the router yet, which is done by the code that is printed on it. */
  readonly waiting: boolean;
  /** Where parents manage the home. */
  readonly parentsUrl: string;
}

/** The page of a device that no child has. */
export function guestPage(texts: Texts, page: GuestPage): string {
  const { guest } = texts;
  return document(
    texts,
    guest.title,
    html`${welcome(texts, page.quarantined)}
${parentsCard(texts, page)}
${hotlineCard(texts, page.contacts)}
${contactsCard(texts, page.contacts)}`,
  );
}

function welcome({ guest }: Texts, quarantined: boolean): Markup {
  return hero({
    scene: 'guest',
    captive: quarantined,
    greeting: guest.title,
    heading: quarantined ? guest.newHeading : guest.heading,
    lines: html`<p class="when">${quarantined ? guest.newLead : guest.lead}</p>`,
  });
}

function parentsCard(texts: Texts, page: GuestPage): Markup {
  if (page.claimCode !== null) return claimCard(texts, page, page.claimCode);
  return page.waiting ? waitingCard(texts, page) : manageCard(texts, page);
}

function waitingCard({ guest }: Texts, { parentsUrl }: GuestPage): Markup {
  const address = new URL('/claim', parentsUrl);
  return html`<section class="card claim" aria-labelledby="claim-heading">
<h2 id="claim-heading">${icons.people}${guest.claimHeading}</h2>
<p>${guest.claimPrinted(address.host)}</p>
<a class="button primary wide" href="${address.href}" rel="noreferrer">${guest.open}</a>
</section>`;
}

function claimCard(texts: Texts, { parentsUrl }: GuestPage, claimCode: string): Markup {
  const { guest } = texts;
  const address = new URL(`/claim?code=${claimCode}`, parentsUrl);
  return html`<section class="card claim" aria-labelledby="claim-heading">
<h2 id="claim-heading">${icons.people}${guest.claimHeading}</h2>
<p>${guest.claimSteps(address.host)}</p>
${qrCode(address.href, guest.claimQr)}
<p class="code" aria-label="${guest.claimCode}"><output translate="no">${claimCode}</output></p>
<a class="button primary wide" href="${address.href}" rel="noreferrer">${guest.open}</a>
<p class="small">${guest.claimOnce}</p>
</section>`;
}

function manageCard(texts: Texts, { parentsUrl, mac, quarantined }: GuestPage): Markup {
  const { guest } = texts;
  return html`<section class="card" aria-labelledby="manage-heading">
<h2 id="manage-heading">${icons.people}${guest.manageHeading}</h2>
<p>${mac === undefined ? guest.unknownDevice : guest.manage}</p>
${mac === undefined ? null : html`<p class="address" translate="no">${mac}</p>`}
${quarantined ? null : html`<a class="button soft wide" href="${parentsUrl}" rel="noreferrer">${guest.open}</a>`}
</section>`;
}

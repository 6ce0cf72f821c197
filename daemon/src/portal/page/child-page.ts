import type { Contact } from '@khien/shared/contact';
import type { Instant } from '@khien/shared/id';
import type { Device, Policy, Profile, Used } from '@khien/shared/policy';
import { askableNow } from '../askable.ts';
import { blockedThings } from '../blocked-things.ts';
import { childStatus } from '../child-status.ts';
import { html } from '../html.ts';
import type { ErrorCode, Texts } from '../language/index.ts';
import { type Askable, type RequestForm, sameAskable } from '../request-form.ts';
import type { ShownRequest } from '../shown-requests.ts';
import { contactsCard, hotlineCard, phoneText, shownContacts } from './contacts.ts';
import { document } from './document.ts';
import { helpCard, timeCard } from './forms.ts';
import { noticeBar, type Sent } from './notice.ts';
import { privacyCard } from './privacy.ts';
import { quotasCard, targetName } from './quotas.ts';
import { requestsCard } from './requests.ts';
import { rulesCard } from './rules.ts';
import { statusCard } from './status.ts';

export interface ChildPage {
  readonly child: { readonly profile: Profile; readonly device: Pick<Device, 'pause'> };
  readonly policy: Policy;
  readonly used: Used;
  readonly contacts: readonly Contact[];
  readonly requests: readonly ShownRequest[];
  /** What time is asked for already. */
  readonly pending: readonly Askable[];
  /** Whether what is sent now reaches the parents at once. */
  readonly connected: boolean;
  readonly now: Instant;
  /** What the child has just done, and what came of it. */
  readonly sent: Sent | null;
  readonly error: ErrorCode | null;
  readonly typed: RequestForm | null;
}

/** The page of a managed child's device. */
export function childPage(texts: Texts, page: ChildPage): string {
  const { child, policy, used, contacts, now, connected } = page;
  const { profile } = child;
  const basis = { ...policy, used };
  const status = childStatus(child, basis, now);
  const choices = askableNow(child, basis, now)
    .filter((of) => !page.pending.some((other) => sameAskable(other, of)))
    .map((of) => ({ of, name: targetName(texts, of ?? { kind: 'network' }, policy) }));
  const phone = shownContacts(contacts).find((contact) => contact.phone !== null)?.phone ?? null;
  return document(
    texts,
    texts.title(profile.name),
    html`${noticeBar(texts, page.sent, page.error, connected)}
${statusCard(texts, profile.name, status, policy.offsets, now)}
${quotasCard(texts, profile, policy, basis, now)}
${requestsCard(texts, page.requests, connected, policy, now)}
${hotlineCard(texts, contacts)}
${timeCard(texts, choices, page.pending.length > 0, page.typed)}
${helpCard(texts, phone === null ? null : phoneText(phone), page.typed)}
${rulesCard(texts, profile.rules, blockedThings(profile, policy))}
${privacyCard(texts)}
${contactsCard(texts, contacts)}`,
  );
}

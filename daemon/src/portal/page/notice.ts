import { html, type Markup } from '../html.ts';
import type { ErrorCode, Texts } from '../language/index.ts';
import { icons } from './art.ts';

/** What a form that was taken led to. */
export type Sent = 'time' | 'help' | 'merged';

/** Tells a child what came of what it sent. */
export function noticeBar(
  texts: Texts,
  sent: Sent | null,
  error: ErrorCode | null,
  connected: boolean,
): Markup | null {
  if (error !== null) {
    return html`<p class="notice notice-bad" role="alert">${icons.cross}<span>${texts.errors[error]}</span></p>`;
  }
  if (sent === null) return null;
  return html`<p class="notice notice-good" role="status">${icons.check}<span>${sentText(texts, sent, connected)}</span></p>`;
}

function sentText({ notice }: Texts, sent: Sent, connected: boolean): string {
  if (sent === 'merged') return notice.merged;
  return connected ? notice.sent[sent] : notice.saved[sent];
}

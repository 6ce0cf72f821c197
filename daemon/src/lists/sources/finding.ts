import type { DnsName } from '@khien/shared/name';

/** Why something in a source is no name for a table; counted, never fatal. */
export const rejections = [
  /** An IP address where a name is expected. */
  'address',
  /** A name of one label, such as localhost. */
  'single-label',
  /** Longer than a DNS name or label may be (RFC 1035 §2.3.4). */
  'name-too-long',
  /** Not a name and not a rule of the format. */
  'garbage',
  'line-too-long',
  /** A hosts line or an RPZ record that gives a name a real address, or another name. */
  'rewrite',
  /** An Adblock rule about what is on a page. */
  'cosmetic',
  /** An Adblock rule for URLs or name patterns. */
  'pattern',
  /** An Adblock rule with an option that narrows it: for the whole name it would say too much. */
  'option',
  /** An RPZ trigger other than a name, or an action that is neither block nor pass. */
  'policy',
  /** A zone file's directive or record that an RPZ does not need, or one that is damaged. */
  'record',
] as const;
export type Rejection = (typeof rejections)[number];

/** What one line says. */
export type Finding =
  /** Empty, a comment, a header. */
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'names' | 'exceptions';
      readonly names: readonly DnsName[];
      readonly rejected: readonly Rejection[];
    }
  | { readonly kind: 'rejected'; readonly why: Rejection };

export const nothing: Finding = { kind: 'nothing' };

export function rejected(why: Rejection): Finding {
  return { kind: 'rejected', why };
}

/** Reads a source line by line; may remember what lines before said. Never throws. */
export type LineReader = (line: string) => Finding;

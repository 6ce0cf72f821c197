import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { type DnsName, isDnsName } from '@khien/shared/name';
import type { Rejection } from './finding.ts';

const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
/** Anything longer is no name in whatever form; it is not worth a closer look. */
const LONGEST_TEXT = 1024;

export type NameInText = { readonly name: DnsName } | { readonly why: Rejection };

/**
 * A name as lists write it: in any case, with a final dot, `*.` or a dot before it, in Unicode (IDNA, UTS 46). What means
 * a name and all below it is the name.
 */
export function nameInText(text: string): NameInText {
  if (text.length > LONGEST_TEXT) return { why: 'name-too-long' };
  const bare = text.replace(/^(\*\.|\.)/, '').replace(/\.$/, '');
  const name = ascii(bare);
  if (isAddress(bare) || isAddress(name)) return { why: 'address' };
  if (isDnsName(name)) return { name };
  if (!/^[a-z0-9_.-]+$/.test(name)) return { why: 'garbage' };
  if (name.length > LONGEST_NAME || name.split('.').some((label) => label.length > LONGEST_LABEL)) {
    return { why: 'name-too-long' };
  }
  return { why: name.includes('.') ? 'garbage' : 'single-label' };
}

/** Addresses, and what only looks like a name: no top-level domain is a number (RFC 3696 §2). */
export function isAddress(text: string): boolean {
  // Looked at for every name: what cannot be one is told apart by its end.
  if (!/[\d\]]$|:/.test(text)) return false;
  return isIP(text) !== 0 || /\.\d+$|^\[.*\]$|^[\d.:a-f]+\/\d+$/i.test(text);
}

const ALL_ASCII = /^[\0-\x7f]*$/;
// The parser behind domainToASCII takes more than names, and stops at a slash: only what can be a name may reach it.
const NO_NAME = /[\0-,/:-@[-^`{-\x7f]/;

function ascii(text: string): string {
  if (ALL_ASCII.test(text)) return text.toLowerCase();
  return NO_NAME.test(text) ? text : domainToASCII(text).replace(/\.$/, '');
}

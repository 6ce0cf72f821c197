import { normaliseClaimCode } from '../../api/contract.ts';

/** Of a code that a router shows, and of one that is printed on it or was given by the family before. */
const SHORT = 8;
const LONG = 12;

export interface ClaimInput {
  readonly text: string;
  readonly caret: number;
}

/**
 * What was typed or pasted as a claim code is written: upper case, in groups of four, no more than twelve characters.
 * The caret stays behind the same character.
 */
export function claimInput(raw: string, caret: number): ClaimInput {
  const code = charactersOf(raw).slice(0, LONG);
  const before = Math.min(charactersOf(raw.slice(0, caret)).length, LONG);
  const text = code.replace(/(.{4})(?=.)/g, '$1-');
  return { text, caret: before + Math.max(0, Math.ceil(before / 4) - 1) };
}

// Every place where a code could stand, also where candidates overlap. The long ones have all their hyphens or none.
const LONG_CANDIDATES = /(?<![\p{L}\p{N}])(?=([0-9a-z]{4}(-?)[0-9a-z]{4}\2[0-9a-z]{4})(?![\p{L}\p{N}]))/giu;
const CANDIDATES = /(?<![\p{L}\p{N}])(?=([0-9a-z]{4}[\s-]?[0-9a-z]{4})(?![\p{L}\p{N}]))/giu;

/** The claim code in a pasted text, e.g. a whole message or the address in the QR code; undefined where there is none. */
export function claimCodeIn(pasted: string): string | undefined {
  const text = pasted.slice(0, 2000);
  const matches = [...text.matchAll(LONG_CANDIDATES), ...text.matchAll(CANDIDATES)];
  const candidates = matches.map((match) => match[1] ?? '');
  return candidates.map(normaliseClaimCode).find((code) => code !== undefined);
}

export function isComplete(text: string): boolean {
  const { length } = charactersOf(text);
  return length === SHORT || length === LONG;
}

function charactersOf(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

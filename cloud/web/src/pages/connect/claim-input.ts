import { normaliseClaimCode } from '../../api/contract.ts';

const LENGTH = 8;

export interface ClaimInput {
  readonly text: string;
  readonly caret: number;
}

/**
 * What was typed or pasted as a claim code is written: upper case, a hyphen in the middle, no more than eight characters.
 * The caret stays behind the same character.
 */
export function claimInput(raw: string, caret: number): ClaimInput {
  const code = charactersOf(raw).slice(0, LENGTH);
  const before = Math.min(charactersOf(raw.slice(0, caret)).length, LENGTH);
  const text = code.length > 4 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
  return { text, caret: before > 4 ? before + 1 : before };
}

// Every place where a code could stand, also where candidates overlap.
const CANDIDATES = /(?<![\p{L}\p{N}])(?=([0-9a-z]{4}[\s-]?[0-9a-z]{4})(?![\p{L}\p{N}]))/giu;

/** The claim code in a pasted text, e.g. a whole message or the address in the QR code; undefined where there is none. */
export function claimCodeIn(pasted: string): string | undefined {
  const candidates = [...pasted.slice(0, 2000).matchAll(CANDIDATES)].map((match) => match[1] ?? '');
  return candidates.map(normaliseClaimCode).find((code) => code !== undefined);
}

export function isComplete(text: string): boolean {
  return charactersOf(text).length === LENGTH;
}

function charactersOf(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

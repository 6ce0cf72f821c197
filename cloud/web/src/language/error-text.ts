import type { ApiError } from '../api/api-error.ts';
import type { Texts } from './vi.ts';

/** What a person reads of an error: by its code, or a text that fits every error. */
export function errorText(texts: Texts, error: ApiError): string {
  return entryOf(texts.errors, error.code) ?? texts.errors.UNEXPECTED;
}

/** What a person reads of what hinders a router, by the router's code. */
export function hindranceText(texts: Texts, code: string): string {
  return entryOf(texts.hindrances, code) ?? texts.hindrances.UNKNOWN;
}

function entryOf(entries: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(entries, code) ? entries[code] : undefined;
}

import { en } from './en.ts';
import { type Texts, vi } from './vi.ts';

export type { ErrorCode, Texts } from './vi.ts';

export type Language = 'vi' | 'en';

/** In the order in which they are offered. */
export const languages: Readonly<Record<Language, Texts>> = { vi, en };

export function isLanguage(text: string | null | undefined): text is Language {
  return text === 'vi' || text === 'en';
}

/** The language of ours that a browser prefers most (RFC 9110 §12.5.4); undefined where it names none of them. */
export function preferredLanguage(acceptLanguage: string): Language | undefined {
  const ranges = acceptLanguage
    .split(',', 16)
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';', 4);
      const weight = parameters.map((text) => /^\s*q=([01](?:\.\d{1,3})?)$/.exec(text)?.[1]).find(Boolean);
      return { language: tag.split('-')[0], weight: Number(weight ?? '1') };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return ranges.map(({ language }) => language).find(isLanguage);
}

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Keep } from '../api/keep.ts';
import { en } from './en.ts';
import { type Texts, vi } from './vi.ts';

export type Language = 'vi' | 'en';

/** Another language is added here and nowhere else. */
export const languages: Readonly<Record<Language, Texts>> = { vi, en };

/** BCP 47 tags for Intl. English is written with the 24-hour clock and day before month, as Vietnamese is. */
export const locales: Readonly<Record<Language, string>> = { vi: 'vi-VN', en: 'en-GB' };

export function isLanguage(value: unknown): value is Language {
  return value === 'vi' || value === 'en';
}

/** What the parent chose on this phone, else the first of the browser's languages that we have, else Vietnamese. */
export function firstLanguage(chosen: unknown, preferred: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'vi';
}

const LANGUAGE_KEY = 'language';

export function languageOfPhone(keep: Keep): Language {
  return firstLanguage(keep.read(LANGUAGE_KEY), navigator.languages);
}

export function keepLanguage(keep: Keep, language: Language): void {
  keep.write(LANGUAGE_KEY, language);
}

export interface LanguageChoice {
  readonly language: Language;
  readonly choose: (language: Language) => void;
}

export const LanguageContext = createContext<LanguageChoice>({ language: 'vi', choose: () => undefined });

export function useLanguage(): LanguageChoice {
  return useContext(LanguageContext);
}

/** The texts in the parent's language. */
export function useTexts(): Texts {
  return languages[useContext(LanguageContext).language];
}

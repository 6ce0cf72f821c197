import { categoryById, serviceById } from '@khien/shared/catalogue';
import { NO_LIMIT, type QuotaStandingView, type QuotaTarget } from '../api/contract.ts';
import type { Format } from '../language/format.ts';
import type { Language } from '../language/language.ts';
import type { Texts } from '../language/vi.ts';
import { daysText } from './schedule-text.ts';

/** What a quota is of, as a person calls it; what this version does not know is shown by its id. */
export function targetName(texts: Texts, language: Language, of: QuotaTarget): string {
  if (of.kind === 'network') return texts.quota.network;
  const known = of.kind === 'category' ? categoryById(of.id) : serviceById(of.id);
  return known?.name[language] ?? of.id;
}

export function targetGlyph(of: QuotaTarget): string {
  if (of.kind === 'network') return '🌐';
  return (of.kind === 'category' ? categoryById(of.id) : serviceById(of.id))?.glyph ?? '⏳';
}

/** One day's minutes: a span, none, or no limit. */
export function limitText({ quota }: Texts, format: Format, minutes: number): string {
  if (minutes >= NO_LIMIT) return quota.noLimit;
  return minutes === 0 ? quota.noneAllowed : format.duration(minutes);
}

/** A week's minutes, equal days together, e.g. `T2–T6: 2 giờ`, `T7, CN: 3 giờ`. */
export function weekTexts(texts: Texts, format: Format, minutes: readonly number[]): string[] {
  const amounts = [...new Set(minutes)];
  return amounts.map((amount) => {
    const days = minutes.flatMap((other, index) => (other === amount ? [index + 1] : []));
    return texts.quota.days(daysText(texts, days), limitText(texts, format, amount));
  });
}

export interface Standing {
  readonly text: string;
  /** Of what may be used today, from 0 to 1; undefined where there is no limit. */
  readonly used: number | undefined;
  readonly spent: boolean;
}

/** How a quota stands today. */
export function standingOf(
  { quota }: Texts,
  format: Format,
  { limit, left, used }: QuotaStandingView,
): Standing {
  if (limit === null || left === null) return { text: quota.noLimitToday, used: undefined, spent: false };
  if (limit === 0) return { text: quota.notToday, used: 1, spent: true };
  const all = format.duration(limit);
  if (left === 0) return { text: quota.spent(all), used: 1, spent: true };
  return { text: quota.left(format.duration(left), all), used: Math.min(used / limit, 1), spent: false };
}

/** What is left of today's limits in one line, the least first; undefined where there is nothing to say. */
export function standingsInShort(
  texts: Texts,
  format: Format,
  language: Language,
  quotas: readonly QuotaStandingView[],
): string | undefined {
  const items = quotas
    .flatMap(({ of, left }) => (left === null ? [] : [{ name: targetName(texts, language, of), left }]))
    .sort((a, b) => a.left - b.left)
    .map(({ name, left }) =>
      left === 0 ? texts.quota.shortSpent(name) : texts.quota.shortLeft(name, format.duration(left)),
    );
  if (items.length === 0) return undefined;
  const shown =
    items.length <= 3 ? items.join(', ') : texts.common.and(items.slice(0, 2).join(', '), items.length - 2);
  return texts.quota.inShort(shown);
}

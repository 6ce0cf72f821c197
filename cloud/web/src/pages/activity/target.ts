import { categoryById, serviceById } from '@khien/shared/catalogue';
import type { ActivityItem } from '../../api/contract.ts';
import type { Language } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';

export interface TargetText {
  readonly glyph: string;
  readonly title: string;
  /** The listed name that was hit, where the title does not say it. */
  readonly name: string | undefined;
  /** What it means, where the title does not say enough. */
  readonly explanation?: string;
}

/** What was tried, as a person calls it. A service or category that this version does not know is shown by its name. */
export function targetText(
  target: ActivityItem['target'],
  { activity }: Pick<Texts, 'activity'>,
  language: Language,
): TargetText {
  if (target.kind === 'bypass') return bypassText(target, activity, language);
  if (target.kind === 'learning') {
    return {
      glyph: '📚',
      title: activity.learning,
      name: target.name || undefined,
      explanation: activity.learningText,
    };
  }
  if (target.kind === 'name') return { glyph: '🌐', title: target.name, name: undefined };
  const known =
    target.kind === 'service' || target.kind === 'quota' ? serviceById(target.id) : categoryById(target.id);
  if (known === undefined) return { glyph: '🚫', title: target.name || target.id, name: undefined };
  const name = known.name[language];
  return {
    glyph: known.glyph,
    title: target.kind === 'quota' ? activity.quotaOf(name) : name,
    name: target.kind === 'category' ? target.name : undefined,
  };
}

/** A way round the rules by its name; one that this version does not know is only called one. */
function bypassText(
  { id, name }: ActivityItem['target'],
  activity: Texts['activity'],
  language: Language,
): TargetText {
  const known: Readonly<Record<string, { name: string; text: string }>> = activity.bypass;
  const method = (Object.hasOwn(known, id) ? known[id] : undefined) ?? activity.bypassUnknown;
  return {
    glyph: '🕳️',
    title: method.name,
    name: name === '' ? activity.bypassKind : (serviceById(name)?.name[language] ?? name),
    explanation: id === 'direct-address' && name === '' ? activity.addressInStudy : method.text,
  };
}

/** Do older items still follow the first page without a gap? After a long absence nothing of it may be known. */
export function continues(first: readonly ActivityItem[], older: readonly ActivityItem[]): boolean {
  const known = new Set(older.map(({ burst }) => burst));
  return first.some(({ burst }) => known.has(burst));
}

/** The first page, which is fetched again and again, before the older ones: each burst once, as it was told last. */
export function joined(first: readonly ActivityItem[], older: readonly ActivityItem[]): ActivityItem[] {
  const known = new Set(first.map(({ burst }) => burst));
  return [...first, ...older.filter(({ burst }) => !known.has(burst))];
}

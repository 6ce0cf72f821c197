import type { Weekly } from '../../api/contract.ts';
import { targetName } from '../../household/quota-text.ts';
import type { Format } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';
import { targetText } from '../activity/target.ts';

type WeekOfChild = Weekly['children'][number];

export interface Line {
  readonly name: string;
  readonly value: string;
  /** How it was the week before. */
  readonly change?: string | undefined;
}

interface Reader {
  readonly texts: Texts;
  readonly format: Format;
  readonly language: Language;
}

const kinds = ['service', 'category', 'name', 'quota', 'learning'] as const;

export function blockedOf({ blocked }: WeekOfChild): number {
  return kinds.reduce((sum, kind) => sum + blocked[kind], 0);
}

/** The minutes of the week, against the week before; undefined where nothing was told. */
export function onlineText(
  { minutes, minutesBefore }: WeekOfChild,
  { texts: { weekly }, format }: Reader,
): { total: string; change: string } | undefined {
  if (minutes === null) return undefined;
  const total = format.duration(minutes);
  if (minutesBefore === null) return { total, change: weekly.first };
  const more = minutes - minutesBefore;
  if (more === 0) return { total, change: weekly.same };
  const span = format.duration(Math.abs(more));
  return { total, change: more > 0 ? weekly.more(span) : weekly.less(span) };
}

/** What there is to say of a child's week besides its minutes; what did not happen is not said. */
export function linesOf(week: WeekOfChild, { texts, format, language }: Reader): Line[] {
  const { weekly } = texts;
  const lines: Line[] = [];
  const blocked = blockedOf(week);
  const more = blocked - week.blockedBefore;
  const known = week.blockedBefore > 0 || week.minutesBefore !== null;
  if (blocked > 0 || more !== 0) {
    lines.push({
      name: weekly.blocked,
      value: format.count(blocked),
      change: !known
        ? undefined
        : more === 0
          ? weekly.same
          : more > 0
            ? weekly.blockedMore(format.count(more))
            : weekly.blockedLess(format.count(-more)),
    });
  }
  for (const kind of kinds) {
    const count = week.blocked[kind];
    if (count > 0) lines.push({ name: `· ${weekly.by[kind]}`, value: format.count(count) });
  }
  const { tries, methods } = week.bypass;
  if (tries > 0) {
    const ways = methods.map((id) => targetText({ kind: 'bypass', id, name: '' }, texts, language).title);
    lines.push({ name: weekly.bypass, value: weekly.bypassBy(format.count(tries), format.list(ways)) });
  }
  if (week.quotas.length > 0) {
    const reached = week.quotas.map(({ of, days }) =>
      weekly.quotaDays(targetName(texts, language, of), days),
    );
    lines.push({ name: weekly.quotas, value: format.list(reached) });
  }
  if (week.bonuses.count > 0) {
    const { count, minutes } = week.bonuses;
    lines.push({ name: weekly.bonuses, value: weekly.bonusesOf(count, format.duration(minutes)) });
  }
  const { granted, refused, open } = week.requests;
  const answers = [
    ...(granted > 0 ? [weekly.granted(granted)] : []),
    ...(refused > 0 ? [weekly.refused(refused)] : []),
    ...(open > 0 ? [weekly.open(open)] : []),
  ];
  if (answers.length > 0) lines.push({ name: weekly.requests, value: format.list(answers) });
  return lines;
}

import { createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { type Language, languages, locales, useLanguage } from './language.ts';
import { knownZone, timeOfDay, zoned } from './zoned.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Times, days and spans as a person in the household's zone reads them. Instants are milliseconds since the epoch. */
export interface Format {
  readonly zone: string;
  /** 21:05 */
  time(instant: number): string;
  /** 21:05, with the day where it is not that of `now`. */
  moment(instant: number, now: number): string;
  /** Today, yesterday, else the date. */
  day(instant: number, now: number): string;
  /** As `day`, inside of a sentence. */
  dayInSentence(instant: number, now: number): string;
  /** Five minutes ago. */
  ago(instant: number, now: number): string;
  /** 1 September, or 1–2 September, of local dates as YYYY-MM-DD; with the year where it is not that of `now`. */
  dates(from: string, to: string, now: number): string;
  /** 12/9, of a local date. */
  shortDate(date: string): string;
  count(count: number): string;
  /** 1 hour 30 minutes. */
  duration(minutes: number): string;
  list(items: readonly string[]): string;
}

export function formatIn(language: Language, householdZone: string): Format {
  const locale = locales[language];
  const { time: texts } = languages[language];
  const zone = knownZone(householdZone);
  const date = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
  });
  const dateWithYear = new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'long' });
  const weekday = new Intl.DateTimeFormat(locale, { timeZone: zone, weekday: 'long' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const lists = new Intl.ListFormat(locale, { type: 'conjunction', style: 'long' });

  // A local date has no zone: it is read as that day in UTC.
  const calendar = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
  const dayMonth = calendar({ day: 'numeric', month: 'long' });
  const dayMonthYear = calendar({ day: 'numeric', month: 'long', year: 'numeric' });
  const numeric = calendar({ day: 'numeric', month: 'numeric' });
  const counts = new Intl.NumberFormat(locale);

  const daysApart = (instant: number, now: number) =>
    zoned(instant, zone).dayNumber - zoned(now, zone).dayNumber;
  const time = (instant: number) => timeOfDay(instant, zone);

  const dateOf = (instant: number, now: number) =>
    zoned(instant, zone).year === zoned(now, zone).year ? date.format(instant) : dateWithYear.format(instant);

  return {
    zone,
    time,
    moment(instant, now) {
      const days = daysApart(instant, now);
      if (days === 0) return time(instant);
      if (days === 1) return texts.at(time(instant), texts.tomorrow);
      if (days === -1) return texts.at(time(instant), texts.yesterday.toLocaleLowerCase(locale));
      const day = days > 1 && days < 7 ? weekday.format(instant) : dateOf(instant, now);
      return texts.at(time(instant), texts.dayInSentence(day));
    },
    day(instant, now) {
      const days = daysApart(instant, now);
      if (days === 0) return texts.today;
      if (days === -1) return texts.yesterday;
      return capitalised(dateOf(instant, now), locale);
    },
    dayInSentence(instant, now) {
      const days = daysApart(instant, now);
      if (days === 0) return texts.today.toLocaleLowerCase(locale);
      if (days === -1) return texts.yesterday.toLocaleLowerCase(locale);
      return texts.dayInSentence(dateOf(instant, now));
    },
    ago(instant, now) {
      const span = now - instant;
      if (span < 45 * SECOND) return texts.now;
      if (span < HOUR) return relative.format(-Math.max(1, Math.floor(span / MINUTE)), 'minute');
      if (span < DAY) return relative.format(-Math.floor(span / HOUR), 'hour');
      if (span < 30 * DAY) return relative.format(-Math.floor(span / DAY), 'day');
      return texts.dayInSentence(dateOf(instant, now));
    },
    dates(from, to, now) {
      const year = String(zoned(now, zone).year);
      const format = from.startsWith(year) && to.startsWith(year) ? dayMonth : dayMonthYear;
      return format.formatRange(Date.parse(from), Date.parse(to));
    },
    shortDate: (day) => numeric.format(Date.parse(day)),
    count: (count) => counts.format(count),
    duration(minutes) {
      const hours = Math.floor(minutes / 60);
      const rest = minutes % 60;
      if (hours === 0) return texts.minutes(rest);
      if (rest === 0) return texts.hours(hours);
      return texts.hoursMinutes(texts.hours(hours), texts.minutes(rest));
    },
    list: (items) => lists.format(items),
  };
}

function capitalised(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}

/** The household's zone; the browser's before a household is known. */
export const ZoneContext = createContext(Intl.DateTimeFormat().resolvedOptions().timeZone);

export function useFormat(): Format {
  const { language } = useLanguage();
  const zone = useContext(ZoneContext);
  return useMemo(() => formatIn(language, zone), [language, zone]);
}

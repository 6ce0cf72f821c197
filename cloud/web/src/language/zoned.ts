/** Wall-clock time of an instant in a zone. */
export interface Zoned {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** ISO 8601: 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Counts calendar days, so that neighbouring days differ by one. */
  readonly dayNumber: number;
}

const DAY = 24 * 60 * 60_000;
const parts = new Map<string, Intl.DateTimeFormat>();

function partsIn(zone: string): Intl.DateTimeFormat {
  let format = parts.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    parts.set(zone, format);
  }
  return format;
}

/** @param instant milliseconds since the epoch */
export function zoned(instant: number, zone: string): Zoned {
  const found = new Map(
    partsIn(zone)
      .formatToParts(instant)
      .map((part) => [part.type, Number(part.value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? 0;
  const midnight = Date.UTC(of('year'), of('month') - 1, of('day'));
  return {
    year: of('year'),
    month: of('month'),
    day: of('day'),
    hour: of('hour'),
    minute: of('minute'),
    weekday: ((new Date(midnight).getUTCDay() + 6) % 7) + 1,
    dayNumber: midnight / DAY,
  };
}

/** HH:MM, as schedules write it. */
export function timeOfDay(instant: number, zone: string): string {
  const { hour, minute } = zoned(instant, zone);
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** A zone that this engine knows, or UTC: what comes from the server must not stop the page from showing. */
export function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone === '' ? 'UTC' : zone;
  } catch {
    return 'UTC';
  }
}

/** The browser's zone by its present IANA name; browsers still say `Asia/Saigon`. */
export function zoneOfBrowser(): string {
  return presentName(new Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** Every zone that this engine knows, by present names. */
export function allZones(): string[] {
  return Intl.supportedValuesOf('timeZone').map(presentName).sort();
}

function presentName(zone: string): string {
  return zone === 'Asia/Saigon' ? 'Asia/Ho_Chi_Minh' : zone;
}

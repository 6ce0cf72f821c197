import type { AgeBand } from './age-band.ts';
import type { Rules, YoutubeMode } from './policy.ts';
import type { Quota } from './quota.ts';

interface Bedtime {
  /** ISO weekdays. */
  readonly days: readonly number[];
  readonly start: string;
  readonly end: string;
}

/** Nights before a school day, and the two nights before a free one. */
const SCHOOL_NIGHTS = [7, 1, 2, 3, 4];
const FREE_NIGHTS = [5, 6];

const bedtime = (school: string, free: string, end: string): readonly Bedtime[] => [
  { days: SCHOOL_NIGHTS, start: school, end },
  { days: FREE_NIGHTS, start: free, end },
];

const ALWAYS = ['adult', 'gambling', 'drugs', 'self-harm', 'violence', 'malware-scam', 'bypass'];

interface Preset {
  readonly blockedCategories: readonly string[];
  readonly bedtimes: readonly Bedtime[];
  readonly safeSearch: boolean;
  readonly youtube: YoutubeMode;
  readonly quotas: readonly Omit<Quota, 'id'>[];
}

/** The same minutes from Monday to Friday, and others on the two free days. */
function minutesADay(of: Quota['of'], schoolDay: number, freeDay: number): Omit<Quota, 'id'> {
  return { of, minutes: [...Array.from({ length: 5 }, () => schoolDay), freeDay, freeDay] };
}
const NETWORK = { kind: 'network' } as const;
const GAMES = { kind: 'category', id: 'games' } as const;

/**
 * Where a parent starts from for each age. The parent sees every line of it and can change each. No child may play more
 * than 180 minutes a day, nor a single game more than 60 (Decree 147/2024/NĐ-CP, under 18): the minutes keep within it.
 */
export const presets: Readonly<Record<AgeBand, Preset>> = {
  '0-5': {
    blockedCategories: [
      ...ALWAYS,
      'dating',
      'social',
      'messaging',
      'games',
      'ai-chat',
      'ads-tracking',
      'shopping',
    ],
    bedtimes: bedtime('19:30', '20:00', '07:00'),
    safeSearch: true,
    youtube: 'strict',
    quotas: [minutesADay(NETWORK, 60, 90)],
  },
  '6-8': {
    blockedCategories: [...ALWAYS, 'dating', 'social', 'ai-chat', 'ads-tracking'],
    bedtimes: bedtime('20:30', '21:00', '06:30'),
    safeSearch: true,
    youtube: 'strict',
    quotas: [minutesADay(NETWORK, 90, 150), minutesADay(GAMES, 30, 60)],
  },
  '9-11': {
    blockedCategories: [...ALWAYS, 'dating', 'social', 'ads-tracking'],
    bedtimes: bedtime('21:00', '21:30', '06:00'),
    safeSearch: true,
    youtube: 'strict',
    quotas: [minutesADay(NETWORK, 120, 180), minutesADay(GAMES, 45, 60)],
  },
  '12-14': {
    blockedCategories: [...ALWAYS, 'dating'],
    bedtimes: bedtime('22:00', '22:30', '05:30'),
    safeSearch: true,
    youtube: 'moderate',
    quotas: [minutesADay(NETWORK, 180, 300), minutesADay(GAMES, 60, 120)],
  },
  '15-17': {
    blockedCategories: [...ALWAYS],
    bedtimes: bedtime('23:00', '23:30', '05:30'),
    safeSearch: false,
    youtube: 'open',
    quotas: [minutesADay(GAMES, 60, 180)],
  },
};

/**
 * The preset of an age band as rules of its own.
 *
 * @param newId makes the id of each schedule
 * @param bedtimeName what the schedules are called, in the household's language
 */
export function rulesFromPreset(band: AgeBand, newId: () => string, bedtimeName: string): Rules {
  const preset = presets[band];
  return {
    blockedCategories: [...preset.blockedCategories],
    blockedServices: [],
    allowedNames: [],
    blockedNames: [],
    schedules: preset.bedtimes.map((night) => ({
      id: newId(),
      name: bedtimeName,
      mode: 'offline',
      days: [...night.days],
      start: night.start,
      end: night.end,
      holidays: 'included',
    })),
    safeSearch: preset.safeSearch,
    youtube: preset.youtube,
    quotas: preset.quotas.map(({ of, minutes }) => ({ id: newId(), of, minutes: [...minutes] })),
    quotaReset: '04:00',
  };
}

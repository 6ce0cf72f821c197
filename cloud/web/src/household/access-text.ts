import type { HolidayView, ProfileView, ScheduleMode } from '../api/contract.ts';
import type { Tone } from '../design/badge.tsx';
import type { IconName } from '../design/icon.tsx';
import type { Format } from '../language/format.ts';
import type { Texts } from '../language/vi.ts';
import { scheduleOpenAt } from './schedule-time.ts';

/** The state of a child's network as a person reads it. */
export interface AccessText {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
}

type Child = Pick<ProfileView, 'access' | 'rules' | 'quotas'>;

/** What schedules are read by. */
export interface HouseholdCalendar {
  readonly zone: string;
  readonly holidays: readonly HolidayView[];
}

/** How long after its end a state is still shown: the phone asks again then, milliseconds. */
const PATIENCE = 60_000;

/** What is so, until when, and why. What has ended while nobody could be asked is not known any more. */
export function accessText(
  texts: Texts,
  format: Format,
  child: Child,
  at: { readonly now: number; readonly holidays: readonly HolidayView[] },
): AccessText {
  const { now } = at;
  const { reason, until } = child.access;
  const { access } = texts;
  if (until !== null && now > until + PATIENCE) {
    return { tone: 'quiet', icon: 'help', text: access.unknownSince(format.moment(until, now)) };
  }
  const end = until === null ? undefined : format.moment(until, now);
  const calendar = { zone: format.zone, holidays: at.holidays };
  const nowName = (mode: ScheduleMode) => openName(texts, child, mode, now, calendar);
  const then = until === null ? undefined : nextName(texts, child, until, calendar);

  switch (reason) {
    case 'grant':
      return {
        tone: 'grant',
        icon: 'clock',
        text: end === undefined ? access.granted : access.grantedUntil(end),
      };
    // Not of a child as a whole; the device's own page says it.
    case 'device-pause':
    case 'pause':
      return {
        tone: 'pause',
        icon: 'pause',
        text: end === undefined ? access.pausedOpen : access.pausedUntil(end),
      };
    case 'learning': {
      const text =
        end === undefined
          ? access.learning
          : then === undefined
            ? access.learningUntil(end)
            : access.learningThen(end, then);
      return { tone: 'grant', icon: 'book', text };
    }
    case 'study-time': {
      const name = nowName('learning') ?? access.studyName;
      const text = end === undefined ? access.studyTime(name) : access.studyTimeUntil(name, end);
      return { tone: 'grant', icon: 'book', text };
    }
    case 'quota': {
      const text =
        end === undefined
          ? access.quota
          : then === undefined
            ? access.quotaUntil(end)
            : access.quotaThen(end, then);
      return { tone: 'night', icon: 'hourglass', text };
    }
    case 'schedule': {
      const name = nowName('offline') ?? access.bedtime;
      return {
        tone: 'night',
        icon: 'moon',
        text: end === undefined ? name : access.scheduleUntil(name, end),
      };
    }
    case 'free':
      return { tone: 'good', icon: 'check', text: freeText(texts, format, child, end, then) };
  }
}

function freeText(
  { access }: Texts,
  format: Format,
  child: Child,
  end: string | undefined,
  then: string | undefined,
): string {
  if (end === undefined) return access.online;
  if (then !== undefined) return access.onlineThen(end, then);
  const left = networkLeft(child);
  return left === undefined
    ? access.onlineThen(end, access.bedtime)
    : access.onlineLeft(format.duration(left));
}

/** Is the network's daily time what will end a child's access next? Then more time makes more of that. */
export function endsByQuota({ access, rules, quotas }: Child, calendar: HouseholdCalendar): boolean {
  const { until } = access;
  if (access.reason !== 'free' || until === null || networkLeft({ quotas }) === undefined) return false;
  const offline = rules.schedules.filter(({ mode }) => mode !== 'free');
  return scheduleOpenAt(offline, until, calendar.zone, calendar.holidays) === undefined;
}

/** Minutes of the whole network that are left today; undefined without a limit. */
function networkLeft({ quotas }: Pick<Child, 'quotas'>): number | undefined {
  return quotas.find(({ of }) => of.kind === 'network')?.left ?? undefined;
}

/** What the schedule of a mode that is open at an instant is called. */
function openName(
  texts: Texts,
  { rules }: Child,
  mode: ScheduleMode,
  instant: number,
  { zone, holidays }: HouseholdCalendar,
): string | undefined {
  const some = rules.schedules.filter((schedule) => schedule.mode === mode);
  const open = scheduleOpenAt(some, instant, zone, holidays);
  return open && (open.name || texts.schedule.defaultNames[mode]);
}

/** The schedule that decides at an instant: the network is off before study before all else. */
function nextName(
  texts: Texts,
  child: Child,
  instant: number,
  calendar: HouseholdCalendar,
): string | undefined {
  return (
    openName(texts, child, 'offline', instant, calendar) ??
    openName(texts, child, 'learning', instant, calendar)
  );
}

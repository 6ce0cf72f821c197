import type { BypassMethod, Home, NotificationView } from '../../api/contract.ts';
import type { IconName } from '../../design/icon.tsx';
import { targetName } from '../../household/quota-text.ts';
import { hindranceText } from '../../language/error-text.ts';
import type { Format } from '../../language/format.ts';
import type { Language } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';
import { targetText } from '../activity/target.ts';

export interface NotificationText {
  readonly icon: IconName;
  readonly tone: 'bad' | 'pause' | 'quiet' | 'good';
  readonly title: string;
  readonly detail: string | undefined;
  /** Where it is dealt with. */
  readonly href: string | undefined;
}

interface Reader {
  readonly texts: Texts;
  readonly format: Format;
  readonly language: Language;
  readonly home: Pick<Home, 'profiles' | 'devices' | 'routers'>;
  readonly now: number;
}

/** Ways that no app takes by itself. */
const CHOSEN: ReadonlySet<string> = new Set<BypassMethod>(['vpn', 'tor', 'proxy', 'other-mac']);
const WEEK = 6 * 24 * 60 * 60_000;

/** The dates of the week that begins on `monday`. */
export function weekDates(format: Format, monday: string, now: number): string {
  const sunday = new Date(Date.parse(monday) + WEEK).toISOString().slice(0, 10);
  return format.dates(monday, sunday, now);
}

/** A notification as a person reads it. What is gone from the home since is called by what it was. */
export function notificationText(view: NotificationView, reader: Reader): NotificationText {
  const { texts, format, language, home, now } = reader;
  const words = texts.notifications;
  const { about } = view;
  const child = home.profiles.find(({ id }) => id === view.profile)?.name ?? words.childGone;
  const router = home.routers.find(({ id }) => id === view.router)?.name ?? words.router;
  switch (about.kind) {
    case 'help':
      return {
        icon: 'help',
        tone: view.settled ? 'quiet' : 'bad',
        title: words.help(child),
        detail: view.settled ? undefined : words.helpText,
        href: '/requests',
      };
    case 'request':
      return {
        icon: 'hourglass',
        tone: view.settled ? 'quiet' : 'pause',
        title: texts.requests.asksTime(
          child,
          format.duration(about.minutes),
          about.of && targetName(texts, language, about.of),
        ),
        detail: undefined,
        href: '/requests',
      };
    case 'bypass': {
      const ways = format.list(
        about.methods.map((id) => targetText({ kind: 'bypass', id, name: '' }, texts, language).title),
      );
      return {
        icon: 'shieldOff',
        tone: 'pause',
        title: words.bypass(child),
        detail: about.methods.some((id) => CHOSEN.has(id)) ? ways : words.bypassText(ways),
        href: view.profile === null ? '/activity' : `/activity?child=${view.profile}`,
      };
    }
    case 'quota':
      return {
        icon: 'hourglass',
        tone: 'quiet',
        title: words.quota(child, targetName(texts, language, about.of)),
        detail: undefined,
        href: view.profile === null ? undefined : `/children/${view.profile}`,
      };
    case 'new-device':
      return { ...newDeviceText(about, child, reader), tone: view.settled ? 'quiet' : 'pause' };
    case 'device-changed': {
      const device = home.devices.find(({ macs }) => macs.includes(about.mac));
      return {
        icon: 'alert',
        tone: view.settled ? 'quiet' : 'bad',
        title: words.changed(device?.name ?? about.mac),
        detail: words.changedText,
        href: '/devices',
      };
    }
    case 'router-offline':
      return view.settledAt === null
        ? {
            icon: 'offline',
            tone: 'bad',
            title: words.routerOffline(router),
            detail: words.routerOfflineText,
            href: '/settings',
          }
        : {
            icon: 'router',
            tone: 'good',
            title: words.routerBack(router),
            detail: words.routerBackText(format.moment(view.at, now), format.moment(view.settledAt, now)),
            href: undefined,
          };
    case 'rules-failing':
      return {
        icon: view.settled ? 'router' : 'alert',
        tone: view.settled ? 'good' : 'bad',
        title: view.settled ? words.rulesHold(router) : words.rulesFailing(router),
        detail: view.settled ? undefined : hindranceText(texts, about.code),
        href: '/settings',
      };
    case 'list-old':
      return {
        icon: 'layers',
        tone: view.settled ? 'quiet' : 'pause',
        title: words.listOld(router),
        detail: view.settled ? undefined : words.listOldText,
        href: '/settings',
      };
    case 'connection-contested':
      return {
        icon: 'alert',
        tone: 'bad',
        title: words.contested(router),
        detail: words.contestedText,
        href: '/settings',
      };
    case 'webhook-off':
      return {
        icon: 'alert',
        tone: 'bad',
        title: words.webhookOff,
        detail: words.webhookOffText,
        href: '/developers',
      };
    case 'weekly':
      return {
        icon: 'chart',
        tone: 'quiet',
        title: words.weekly(weekDates(format, about.week, now)),
        detail: words.weeklyText,
        href: `/weekly?week=${about.week}`,
      };
  }
}

function newDeviceText(
  about: Extract<NotificationView['about'], { kind: 'new-device' }>,
  child: string,
  { texts, home }: Reader,
): Omit<NotificationText, 'tone'> {
  const words = texts.notifications;
  const found = home.devices.filter(({ id }) => about.devices.includes(id));
  const [only] = found;
  const single = about.devices.length <= 1;
  return {
    icon: 'device',
    title:
      about.proposal !== null
        ? words.resembles(child)
        : single
          ? words.newDevice(only?.name ?? texts.activity.unknownDevice)
          : words.newDevices(about.devices.length),
    detail: words.newDevicesText,
    href: single && only !== undefined ? `/devices?device=${only.id}` : '/devices',
  };
}

import type { Id, Instant } from '@khien/shared/id';
import { DAY, type Schedule, windowsOf, type ZoneOffset } from '@khien/shared/policy';
import type { Role } from '../rights/right.ts';
import type { Db, Trx } from '../store/open.ts';
import { type NotificationKind, notificationKinds } from './about.ts';
import {
  type Channel,
  type NotificationSettings,
  type QuietHours,
  quietSchema,
  type SettingsChange,
  settingsChangeSchema,
} from './schema.ts';

type Channels = Readonly<Record<NotificationKind, Channel>>;

const parents: Channels = {
  help: 'push',
  request: 'push',
  bypass: 'push',
  quota: 'in-app',
  'new-device': 'push',
  'device-changed': 'push',
  'router-offline': 'push',
  'rules-failing': 'push',
  'list-old': 'in-app',
  'connection-contested': 'push',
  'webhook-off': 'in-app',
  weekly: 'push',
};

/** Who only looks on is called for help, and is not bothered with what others decide. */
const defaults: Readonly<Record<Role, Channels>> = {
  owner: parents,
  carer: parents,
  viewer: {
    help: 'push',
    request: 'in-app',
    bypass: 'off',
    quota: 'off',
    'new-device': 'off',
    'device-changed': 'off',
    'router-offline': 'in-app',
    'rules-failing': 'off',
    'list-old': 'off',
    'connection-contested': 'off',
    'webhook-off': 'off',
    weekly: 'in-app',
  },
};

export interface Person {
  readonly household: Id;
  readonly account: Id;
  readonly role: Role;
}

/** How a person is told; what they have not chosen is as their role has it. */
export async function loadSettings(
  db: Db,
  { household, account, role }: Person,
): Promise<NotificationSettings> {
  const row = await db
    .selectFrom('notification_setting')
    .selectAll()
    .where('household', '=', household)
    .where('account', '=', account)
    .executeTakeFirst();
  const fixed: NotificationKind[] = role === 'viewer' ? [] : ['help'];
  const chosen = row === undefined ? {} : parseChannels(row.channels);
  const channels = { ...defaults[role], ...chosen };
  for (const kind of fixed) channels[kind] = 'push';
  return {
    channels,
    fixed,
    quiet: row === undefined ? [] : quietSchema.parse(JSON.parse(row.quiet)),
    details: row?.details === 1,
  };
}

function parseChannels(json: string): Partial<Record<NotificationKind, Channel>> {
  const { channels = {} } = settingsChangeSchema.parse({ channels: JSON.parse(json) });
  const chosen: Partial<Record<NotificationKind, Channel>> = {};
  for (const kind of notificationKinds) {
    const channel = channels[kind];
    if (channel !== undefined) chosen[kind] = channel;
  }
  return chosen;
}

/** Only what differs from the role's way is kept, so that a better default reaches who never chose. */
export async function saveSettings(trx: Trx, person: Person, change: SettingsChange): Promise<void> {
  const { household, account, role } = person;
  const before = await loadSettings(trx, person);
  const channels = Object.fromEntries(
    notificationKinds
      .map((kind) => [kind, change.channels?.[kind] ?? before.channels[kind]] as const)
      .filter(([kind, channel]) => channel !== defaults[role][kind] && !before.fixed.includes(kind)),
  );
  const values = {
    channels: JSON.stringify(channels),
    quiet: JSON.stringify(change.quiet ?? before.quiet),
    details: (change.details ?? before.details) ? (1 as const) : (0 as const),
  };
  await trx
    .insertInto('notification_setting')
    .values({ household, account, ...values })
    .onConflict((conflict) => conflict.columns(['household', 'account']).doUpdateSet(values))
    .execute();
}

/** When the quiet hours that `now` is in end; null outside of them. */
export function quietUntil(
  quiet: readonly QuietHours[],
  offsets: readonly ZoneOffset[],
  now: Instant,
): Instant | null {
  const schedules = quiet.map(
    (hours): Schedule => ({ id: '', name: '', mode: 'offline', holidays: 'included', ...hours }),
  );
  const windows = windowsOf(schedules, { offsets, holidays: [] }, now, now + 2 * DAY);
  return windows.find(({ from, to }) => from <= now && now < to)?.to ?? null;
}

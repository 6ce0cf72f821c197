import type { BypassMethod, EventOf } from '@khien/shared/event';
import type { Id, Instant, Mac } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import type { Trx } from '../store/open.ts';
import { targetId } from '../usage/usage.ts';
import { type About, aboutOf, MAX_DEVICES } from './about.ts';
import { type Moment, newestLine, notify, settle } from './notify.ts';

/** Devices that are found within this of each other are one line: a new router finds all of a home at once. */
const FOUND_TOGETHER = 15 * MINUTE;
/** A push about new devices waits this long, milliseconds, for the others and for what they look like. */
const FOUND_PAUSE = 20_000;
/** What hinders a router for less than this is not worth a word: it starts, or tries again. */
const HINDRANCE_PAUSE = 3 * MINUTE;
/** A quota that is reached again, after more time was given, is the same line. */
const QUOTA_TOGETHER = DAY / 2;

/** Ways round the rules that somebody chooses. Of the others many apps make use by themselves, which wakes nobody up. */
const CHOSEN: ReadonlySet<string> = new Set<BypassMethod>(['vpn', 'tor', 'proxy', 'other-mac']);

/** A child asks. Each call is a line of its own. */
export function notifyRequest(
  trx: Trx,
  household: Id,
  { ask, request, minutes, quota, profile }: EventOf<'request'>,
  moment: Moment,
  now: Instant,
): Promise<void> {
  const about: About =
    ask === 'help'
      ? { kind: 'help', request }
      : { kind: 'request', request, minutes, ...(quota && { of: quota }) };
  return notify(trx, household, { about, subject: request, profile, ...moment, pushAt: now }, now);
}

/** A child's device tried to get round the rules; a day's tries are one line. */
export function notifyBypass(
  trx: Trx,
  household: Id,
  { method, profile }: EventOf<'bypass'>,
  tries: Moment & { readonly count: number },
  now: Instant,
): Promise<void> {
  const methodsOf = (about: About): string[] => (about.kind === 'bypass' ? about.methods : []);
  return notify(
    trx,
    household,
    {
      about: { kind: 'bypass', methods: [method] },
      subject: profile,
      profile,
      ...tries,
      pushAt: CHOSEN.has(method) ? now : null,
      joins: (line) => tries.at - line.first_at < DAY,
      combine: (before) => ({ kind: 'bypass', methods: [...new Set([...methodsOf(before), method])] }),
    },
    now,
  );
}

/** A child's time of today is used up. */
export function notifyQuota(
  trx: Trx,
  household: Id,
  { of, profile }: EventOf<'quota-spent'>,
  moment: Moment,
  now: Instant,
): Promise<void> {
  const subject = `${profile} ${of.kind} ${targetId(of)}`;
  const joins = (line: { at: Instant }) => moment.at - line.at < QUOTA_TOGETHER;
  return notify(
    trx,
    household,
    { about: { kind: 'quota', of }, subject, profile, ...moment, pushAt: now, joins },
    now,
  );
}

/** A device that nobody has decided about. Where new ones are let in it is told in the app alone. */
export async function notifyFound(trx: Trx, household: Id, device: Id, now: Instant): Promise<void> {
  const { new_devices } = await trx
    .selectFrom('household')
    .select('new_devices')
    .where('id', '=', household)
    .executeTakeFirstOrThrow();
  const devicesOf = (about: About): Id[] => (about.kind === 'new-device' ? about.devices : []);
  await notify(
    trx,
    household,
    {
      about: { kind: 'new-device', devices: [device], proposal: null },
      subject: 'found',
      at: now,
      pushAt: new_devices === 'allow' ? null : now + FOUND_PAUSE,
      joins: ({ at, details }) =>
        now - at < FOUND_TOGETHER && devicesOf(aboutOf(details)).length < MAX_DEVICES,
      combine: (before) => ({
        kind: 'new-device',
        devices: [...devicesOf(before), device],
        proposal: null,
      }),
    },
    now,
  );
}

/** An address looks like a child's device. Where that was just told as a new device, the line says so instead. */
export async function notifyResembles(
  trx: Trx,
  household: Id,
  { mac, device }: { readonly mac: Mac; readonly device: Id },
  now: Instant,
): Promise<void> {
  const proposal = await trx
    .selectFrom('proposal')
    .innerJoin('device', 'device.id', 'proposal.device')
    .select(['proposal.id', 'device.profile'])
    .where('proposal.household', '=', household)
    .where('proposal.mac', '=', mac)
    .where('proposal.device', '=', device)
    .executeTakeFirst();
  if (proposal === undefined || proposal.profile === null) return;
  const found = await trx
    .selectFrom('device_mac')
    .select('device')
    .where('household', '=', household)
    .where('mac', '=', mac)
    .executeTakeFirst();
  const devices = found === undefined ? [] : [found.device];
  const about: About = { kind: 'new-device', devices, proposal: proposal.id };
  const last = await newestLine(trx, household, 'new-device', 'found');
  if (last !== undefined && now - last.at < FOUND_TOGETHER) {
    const told = aboutOf(last.details);
    if (told.kind === 'new-device' && told.devices.length === 1 && told.devices[0] === found?.device) {
      const change = { subject: `proposal ${proposal.id}`, profile: proposal.profile };
      await trx
        .updateTable('notification')
        .set({ ...change, details: JSON.stringify(about) })
        .where('id', '=', last.id)
        .execute();
      return;
    }
  }
  await notify(
    trx,
    household,
    {
      about,
      subject: `proposal ${proposal.id}`,
      profile: proposal.profile,
      at: now,
      pushAt: now + FOUND_PAUSE,
      joins: () => true,
    },
    now,
  );
}

/** It was no child's device after all: the line is of a new device again. */
export async function notifyResemblanceEnded(trx: Trx, household: Id, proposal: Id): Promise<void> {
  const line = await newestLine(trx, household, 'new-device', `proposal ${proposal}`);
  if (line === undefined) return;
  const told = aboutOf(line.details);
  if (told.kind !== 'new-device') return;
  await trx
    .updateTable('notification')
    .set({ details: JSON.stringify({ ...told, proposal: null }), profile: null })
    .where('id', '=', line.id)
    .execute();
}

/** Something else seems to use the address of a device. */
export function notifyChanged(
  trx: Trx,
  household: Id,
  mac: Mac,
  moment: Moment,
  now: Instant,
): Promise<void> {
  const joins = (line: { at: Instant }) => moment.at - line.at < DAY;
  const about = { kind: 'device-changed', mac } as const;
  return notify(trx, household, { about, subject: mac, ...moment, pushAt: now, joins }, now);
}

/** A router refused a document, or cannot enforce what it has. */
export function notifyHindered(
  trx: Trx,
  household: Id,
  hindered: { readonly router: Id; readonly by: 'document' | 'enforcement'; readonly code: string },
  moment: Moment,
  now: Instant,
): Promise<void> {
  const { router, by, code } = hindered;
  return notify(
    trx,
    household,
    {
      about: { kind: 'rules-failing', code },
      subject: `${router} ${by}`,
      router,
      ...moment,
      pushAt: now + HINDRANCE_PAUSE,
      joins: (line) => line.settled_at === null || now - line.settled_at < DAY / 24,
    },
    now,
  );
}

/** The router took what it is to enforce, and does. */
export function settleHindered(
  trx: Trx,
  household: Id,
  { router, by }: { readonly router: Id; readonly by: 'document' | 'enforcement' },
  now: Instant,
): Promise<boolean> {
  return settle(trx, household, { kind: 'rules-failing', subject: `${router} ${by}` }, now);
}

/** Something else connects in a router's name, as long as both are there. */
export function notifyContested(trx: Trx, household: Id, router: Id, now: Instant): Promise<void> {
  return notify(
    trx,
    household,
    {
      about: { kind: 'connection-contested' },
      subject: router,
      router,
      at: now,
      pushAt: now,
      joins: ({ at }) => now - at < DAY,
    },
    now,
  );
}

import type { Id } from '@khien/shared/id';
import type { Db } from '../store/open.ts';
import { type AboutOf, aboutOf, type NotificationKind } from './about.ts';
import type { Line } from './notify.ts';

/** What lines of some kinds refer to and somebody still has to decide. */
interface Undecided {
  readonly requests: ReadonlySet<Id>;
  readonly devices: ReadonlySet<Id>;
  readonly proposals: ReadonlySet<Id>;
  readonly alerts: ReadonlySet<string>;
}

/** The lines that need nobody any more: answered, decided, over. */
export async function settledOf(db: Db, household: Id, lines: readonly Line[]): Promise<ReadonlySet<Id>> {
  const undecided = await findUndecided(db, household, lines);
  return new Set(lines.filter((line) => isSettled(line, undecided)).map(({ id }) => id));
}

function isSettled(line: Line, undecided: Undecided): boolean {
  const about = aboutOf(line.details);
  switch (about.kind) {
    case 'help':
    case 'request':
      return !undecided.requests.has(about.request);
    case 'new-device':
      if (about.proposal !== null) return !undecided.proposals.has(about.proposal);
      return !about.devices.some((device) => undecided.devices.has(device));
    case 'device-changed':
      return !undecided.alerts.has(about.mac);
    case 'bypass':
    case 'quota':
    case 'router-offline':
    case 'rules-failing':
    case 'list-old':
    case 'connection-contested':
    case 'webhook-off':
    case 'weekly':
      return line.settled_at !== null;
  }
}

async function findUndecided(db: Db, household: Id, lines: readonly Line[]): Promise<Undecided> {
  const abouts = lines.map(({ details }) => aboutOf(details));
  const of = <K extends NotificationKind>(...kinds: K[]) =>
    abouts.filter((about): about is AboutOf<K> => kinds.some((kind) => kind === about.kind));
  const requests = of('help', 'request').map(({ request }) => request);
  const devices = of('new-device').flatMap((about) => about.devices);
  const proposals = of('new-device').flatMap(({ proposal }) => proposal ?? []);
  const macs = of('device-changed').map(({ mac }) => mac);

  const openRequests =
    requests.length === 0
      ? []
      : await db
          .selectFrom('request')
          .select('id')
          .where('household', '=', household)
          .where('answered_at', 'is', null)
          .where('id', 'in', requests)
          .execute();
  const openDevices =
    devices.length === 0
      ? []
      : await db
          .selectFrom('device')
          .select('id')
          .where('household', '=', household)
          .where('profile', 'is', null)
          .where('known', '=', 0)
          .where('id', 'in', devices)
          .execute();
  const openProposals =
    proposals.length === 0
      ? []
      : await db
          .selectFrom('proposal')
          .select('id')
          .where('household', '=', household)
          .where('state', '=', 'open')
          .where('id', 'in', proposals)
          .execute();
  const openAlerts =
    macs.length === 0
      ? []
      : await db
          .selectFrom('alert')
          .select('mac')
          .where('household', '=', household)
          .where('mac', 'in', macs)
          .execute();
  return {
    requests: new Set(openRequests.map(({ id }) => id)),
    devices: new Set(openDevices.map(({ id }) => id)),
    proposals: new Set(openProposals.map(({ id }) => id)),
    alerts: new Set(openAlerts.map(({ mac }) => mac)),
  };
}

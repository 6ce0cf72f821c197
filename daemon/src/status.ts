import { documentVersionsSchema } from '@khien/shared/document';
import { instantSchema, macSchema } from '@khien/shared/id';
import { stateSchema, timeSourceSchema } from '@khien/shared/topic';
import * as z from 'zod/mini';
import { visible } from './control/visible.ts';
import { childStandingSchema, standingText } from './usage/child-standing.ts';

/** What `khiend status` gets from the running daemon. */
export const statusSchema = z.object({
  version: z.string(),
  pid: z.int(),
  startedAt: instantSchema,
  timeSource: timeSourceSchema,
  cloud: z.object({
    enrolled: z.boolean(),
    connected: z.boolean(),
    claimCode: z.nullable(z.string()),
    /** The code of what is wrong with the router's identity or key. */
    damage: z.nullable(z.string()),
    waiting: z.int(),
  }),
  inForce: documentVersionsSchema,
  /** `enforcing`, or the code of what hinders it. */
  enforcement: z.string(),
  lan: z.object({ ports: z.array(z.string()), devices: z.int(), managed: z.int(), withoutLease: z.int() }),
  /** Devices that nobody has said anything of and that are kept closed for it. */
  quarantined: z.array(macSchema),
  /** Addresses that are taken for a child's device until the parents have answered. */
  provisional: z.array(z.object({ mac: macSchema, device: z.string() })),
  names: z.int(),
  /** The list of names by category that is in force, as `State` tells it; null where there is none. */
  lists: stateSchema.shape.lists,
  children: z.array(childStandingSchema),
  /** Packets since the tables were made. */
  counters: z.record(z.string(), z.int()),
  rssBytes: z.int(),
});
export type Status = z.infer<typeof statusSchema>;

/** The status as lines for a person. */
export function printStatus(status: Status): string {
  const { cloud, lan, inForce } = status;
  const reach = cloud.connected ? 'connected' : 'out of reach';
  const claimed = cloud.enrolled && cloud.claimCode === null ? reach : claim(cloud.claimCode);
  const where = cloud.damage === null ? claimed : `${claimed} (${cloud.damage})`;
  const rows: [string, string][] = [
    ['khiend', `${status.version}, process ${status.pid}, since ${new Date(status.startedAt).toISOString()}`],
    ['cloud', `${where}; ${cloud.waiting} events wait`],
    ['in force', `policy ${inForce.policy}, contacts ${inForce.contacts}; ${status.enforcement}`],
    [
      'devices',
      `${lan.devices} on the LAN${portsText(lan.ports)}, ${lan.managed} managed, ${lan.withoutLease} of them off`,
    ],
    ...status.provisional.map(({ mac, device }): [string, string] => [
      mac,
      visible(`taken for ${device} until the parents answer`),
    ]),
    ...status.quarantined.map((mac): [string, string] => [
      mac,
      'new here, and closed until a parent has looked at it',
    ]),
    ['names', `${status.names} in the kernel`],
    ['list', listText(status.lists)],
    ...status.children.map((child): [string, string] => [visible(child.name), standingText(child)]),
    ...Object.entries(status.counters).map(([name, packets]): [string, string] => [
      name,
      `${packets} packets`,
    ]),
    ['clock', status.timeSource],
    ['memory', `${(status.rssBytes / 1e6).toFixed(1)} MB`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

/** Those where access is looked at: none while nobody is managed. */
function portsText(ports: readonly string[]): string {
  return ports.length === 0 ? '' : ` (${ports.join(' ')})`;
}

function listText(lists: Status['lists']): string {
  if (lists === null) return 'none';
  const leftOut = lists.leftOut.length === 0 ? '' : `; no memory for ${lists.leftOut.join(', ')}`;
  return `${lists.version}, ${lists.names} names${leftOut}`;
}

function claim(code: string | null): string {
  return code === null ? 'not enrolled, cloud out of reach' : `not enrolled; claim code ${code}`;
}

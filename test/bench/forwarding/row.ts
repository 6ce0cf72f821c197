import { availableParallelism } from 'node:os';
import type { Device, RunningProcess } from '../../home/index.ts';
import { atLeast, type Row, type RowOptions, type RowResult } from '../row.ts';
import { median, medianRatio } from '../statistics.ts';
import { Flows, type Moved } from './flows.ts';
import { site, Way } from './way.ts';

/** What Khiên adds to packets that a router forwards. */
export const forwarding: Row = {
  name: 'forwarding',
  title: 'forwarding through the tables, against a router without them',
  run,
};

/** Bytes of a small packet's IPv4, as of games and calls. */
const SMALL = 100;
const ATTEMPTS = 3;
const families = [0, 50, 5000];

// All that a packet costs is paid on one core, so that nothing hides on another.
const core = availableParallelism() - 1;

const kinds = ['TCP', 'TCP, packets of 1500 bytes', 'UDP'] as const;
type Kind = (typeof kinds)[number];
const units: Readonly<Record<Kind, string>> = {
  TCP: 'Mbit/s',
  'TCP, packets of 1500 bytes': 'Mbit/s',
  UDP: 'echoes/s',
};

/** A device behind a router. */
interface Case {
  readonly name: string;
  readonly device: Device;
  readonly server: RunningProcess;
  readonly samples: Map<Kind, Sample[]>;
}

/** What went through a router, and through that without tables at the same time. */
interface Sample {
  readonly own: Moved;
  readonly floor: Moved;
}

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const rounds = quick ? 2 : 12;
  const seconds = quick ? 0.1 : 0.15;
  const flows = new Flows(folder, core);
  const ways: Way[] = [];
  const open = async (managed?: number): Promise<Way> => {
    progress(managed === undefined ? 'a router without tables' : `a router with ${managed} managed devices`);
    const way = await Way.start(flows, folder, managed);
    ways.push(way);
    return way;
  };
  try {
    const bare = await open();
    const floor = caseOf('no tables', bare, bare.laptop);
    const cases: Case[] = [];
    for (const managed of families) {
      const way = await open(managed);
      cases.push(caseOf(`${managed} devices, unmanaged`, way, way.laptop));
      if (managed > 0) cases.push(caseOf(`${managed} devices, managed`, way, way.tablet));
    }
    const measure = async (kind: Kind): Promise<void> => {
      // The first round, in which caches are cold, is not kept.
      for (let round = 0; round <= rounds; round++) {
        progress(`${kind}: round ${round} of ${rounds}`);
        for (const each of cases) {
          const once = (of: Case) =>
            attempt(`${of.name}, ${kind}`, () => measureOnce(flows, of, kind, seconds));
          // Each is the first of the two as often as the second.
          const first = await once(round % 2 === 0 ? floor : each);
          const second = await once(round % 2 === 0 ? each : floor);
          const sample = round % 2 === 0 ? { floor: first, own: second } : { own: first, floor: second };
          if (round > 0) each.samples.set(kind, [...(each.samples.get(kind) ?? []), sample]);
        }
      }
    };
    await measure('TCP');
    await measure('UDP');
    for (const way of ways) await way.sendLarge(false);
    await measure('TCP, packets of 1500 bytes');
    return report(cases, { rounds, seconds });
  } finally {
    await Promise.all(ways.map((way) => way.stop()));
  }
}

function caseOf(name: string, { server }: Way, device: Device): Case {
  return { name, device, server, samples: new Map() };
}

async function measureOnce(
  flows: Flows,
  { device, server }: Case,
  kind: Kind,
  seconds: number,
): Promise<Moved> {
  if (kind === 'UDP') return flows.udp(device, server, site, { seconds, size: SMALL });
  const { rate, cost } = await flows.tcp(device, server, site, seconds);
  return { rate: (rate * 8) / 1e6, cost: (cost * 1e6) / 8 };
}

/** A machine that others use stands still now and then. */
async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  let last: unknown;
  for (let count = 0; count < ATTEMPTS; count++) {
    try {
      return await work();
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what} cannot be measured`, { cause: last });
}

function report(cases: readonly Case[], { rounds, seconds }: { rounds: number; seconds: number }): RowResult {
  const samples = ({ samples: all }: Case, kind: Kind, of: keyof Moved, which: keyof Sample = 'own') =>
    (all.get(kind) ?? []).map((sample) => sample[which][of]);
  const floors = (kind: Kind, of: keyof Moved) => cases.flatMap((each) => samples(each, kind, of, 'floor'));
  const ratio = (each: Case, kind: Kind, of: keyof Moved) =>
    medianRatio(samples(each, kind, of), samples(each, kind, of, 'floor'));
  return {
    measures: kinds.flatMap((kind) => [
      { name: `${kind}, no tables`, unit: units[kind], samples: floors(kind, 'rate') },
      ...cases.map((of) => ({
        name: `${kind}, ${of.name}`,
        unit: units[kind],
        samples: samples(of, kind, 'rate'),
      })),
    ]),
    tables: [
      {
        title: `forwarding, medians of ${rounds} rounds`,
        columns: ['traffic', 'unit', 'case', 'rate', 'to no tables', 'processor µs each', 'to no tables'],
        rows: kinds.flatMap((kind) => [
          [
            kind,
            units[kind],
            'no tables',
            median(floors(kind, 'rate')),
            1,
            median(floors(kind, 'cost')) / 1000,
            1,
          ],
          ...cases.map((of) => [
            kind,
            units[kind],
            of.name,
            median(samples(of, kind, 'rate')),
            ratio(of, kind, 'rate'),
            median(samples(of, kind, 'cost')) / 1000,
            ratio(of, kind, 'cost'),
          ]),
        ]),
      },
    ],
    aims: kinds.flatMap((kind) =>
      cases.map((of) =>
        atLeast(`${kind}, ${of.name}, to no tables`, ratio(of, kind, 'rate'), kind === 'UDP' ? 0.9 : 0.97),
      ),
    ),
    notes: [
      'a home with the firewall and masquerading of OpenWrt for each case, all there at once; each round goes through them in turn, each beside the one without tables, and ratios are to what that did just before or after',
      'the tables are those of the daemon’s own enforcer, with no list, and with a child of the preset for 9 to 11; 5,000 devices come to it by the library, since documents hold fewer',
      `TCP: a download and an upload at once; the kernel hands on up to 64 KB at a time, as a router does whose driver joins packets (GRO), and then packets of the link’s size. UDP: ${SMALL} bytes of IPv4, 16 flows with 4 packets each under way, every echo forwarded twice`,
      'processor time: of both ends and of the softirqs that ran in them, for each megabit or echo; what ksoftirqd did is not in it, nor is what others did on this machine',
      'both ends, the router’s part of the kernel and connection tracking share one core, on which they come before all else (nice -20): the ends’ own work is in both sides of the ratio. No flow offload, and no addresses of services in the sets',
    ],
    parameters: { rounds, seconds, small: SMALL },
  };
}

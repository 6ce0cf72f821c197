import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { VirtualHome } from '../../home/index.ts';
import { CloudSystem } from '../../system/cloud.ts';
import { Family } from '../../system/family.ts';
import { nodeEnvironment, nodeFlags, RouterSystem } from '../../system/router.ts';
import { NameGenerator } from '../names.ts';
import { cpuTime, type Memory, readMemory } from '../proc.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { median } from '../statistics.ts';

const LIMIT_MB = 64;
const MB = 1e6;
/** Readings of each state, a second apart. */
const READINGS = 5;

interface State {
  readonly name: string;
  readonly readings: readonly Memory[];
  /** Processor time while nothing happens, in milliseconds a second. */
  readonly idle: number;
}

/** How much memory the daemon takes on the router. */
export const daemonMemory: Row = {
  name: 'daemon-memory',
  title: 'memory of the bundled daemon',
  run,
};

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const listed = quick ? 10_000 : 100_000;
  const changes = quick ? 20 : 200;
  const list = join(folder, 'list.khl');
  const entries = compileList(listed, list);
  const states: State[] = [];
  const observe = async (name: string, pid: number): Promise<void> => {
    progress(name);
    // What a start or a change leaves behind is collected or given back by then.
    await delay(quick ? 500 : 3000);
    const readings: Memory[] = [];
    const before = { cpu: cpuTime(pid), at: performance.now() };
    for (let reading = 0; reading < READINGS; reading++) {
      readings.push(readMemory(pid));
      await delay(quick ? 100 : 1000);
    }
    const idle = (cpuTime(pid) - before.cpu) / 1000 / (performance.now() - before.at);
    states.push({ name, readings, idle });
  };

  const home = await VirtualHome.start({ logQueries: false });
  const family = new Family(home);
  try {
    const bare = home.router.spawn(process.execPath, [...nodeFlags, '-e', 'setInterval(() => {}, 1e9)'], {
      env: nodeEnvironment,
    });
    await observe('node alone', bare.pid);
    await bare.stop();

    const cloud = new CloudSystem(home, join(folder, 'cloud'));
    await cloud.start();
    const daemonFolder = join(folder, 'router');
    let daemon = new RouterSystem(home, daemonFolder, cloud);
    await daemon.start();
    const unclaimed = await daemon.reach('a claim code', ({ cloud: { claimCode } }) => claimCode !== null);
    await observe('daemon, not enrolled', daemon.process.pid);

    await family.signUp();
    await family.claimRouter(unclaimed.cloud.claimCode ?? '');
    await family.addChild(home.device('tablet'));
    await daemon.reach('the policy is enforced', ({ lan }) => lan.managed === 1);
    await observe('daemon with a policy', daemon.process.pid);

    await daemon.stop();
    daemon = new RouterSystem(home, daemonFolder, cloud, list);
    await daemon.start();
    const loaded = await daemon.reach('the names are loaded', ({ names }) => names > listed / 2);
    await observe(`with a list of ${listed} names`, daemon.process.pid);

    progress(`${changes} changes of the policy`);
    const taken = await changePolicy(family, daemon, changes);
    await observe(`after ${changes} changes of the policy`, daemon.process.pid);
    return report(states, { entries, loaded: loaded.names, taken });
  } finally {
    await family.stop();
    await home.stop();
  }
}

/** The first four categories are in the preset of every age, so that all names are loaded. */
function compileList(count: number, path: string): number {
  const compiler = new TableCompiler();
  new NameGenerator(count).listed(count).forEach((name, index) => {
    compiler.add(index % 4, name);
  });
  const { pieces, entries } = compiler.finish();
  writeFileSync(path, Buffer.concat(pieces));
  return entries;
}

/** How long changes took from the request to being in force, in milliseconds. */
interface Taken {
  readonly switches: number[];
  readonly names: number[];
}

/** Pauses, resumes and changes what is blocked, in turn, each one enforced before the next. */
async function changePolicy(family: Family, daemon: RouterSystem, count: number): Promise<Taken> {
  const taken: Taken = { switches: [], names: [] };
  const rules = await family.rules();
  let { policy } = (await daemon.status()).inForce;
  for (let change = 0; change < count; change++) {
    const at = performance.now();
    if (change % 4 === 0) await family.pause();
    else if (change % 4 === 2) await family.resume();
    else await family.setRules({ ...rules, blockedNames: [`game${change}.example`, 'play.example'] });
    const before = policy;
    const { inForce } = await daemon.reach(
      `change ${change} is in force`,
      (status) => status.inForce.policy > before,
    );
    policy = inForce.policy;
    (change % 2 === 0 ? taken.switches : taken.names).push(performance.now() - at);
  }
  return taken;
}

function report(
  states: readonly State[],
  { entries, loaded, taken }: { entries: number; loaded: number; taken: Taken },
): RowResult {
  const medianOf = ({ readings }: State, field: keyof Memory) =>
    median(readings.map((reading) => reading[field])) / MB;
  const aims = states
    .slice(-2)
    .flatMap((state) => [
      atMost(`RSS in MB ${state.name}`, medianOf(state, 'rss'), LIMIT_MB),
      atMost(`peak RSS in MB ${state.name}`, medianOf(state, 'peak'), LIMIT_MB),
    ]);
  return {
    measures: [
      { name: 'pause or resume until in force', unit: 'ms', samples: taken.switches },
      { name: 'names changed until in force', unit: 'ms', samples: taken.names },
    ],
    tables: [
      {
        title: 'memory in MB (10^6 bytes)',
        columns: ['state', 'RSS', 'over node alone', 'PSS', 'anonymous', 'peak RSS', 'idle ms/s'],
        rows: states.map((state) => [
          state.name,
          medianOf(state, 'rss'),
          medianOf(state, 'rss') - medianOf(states[0] ?? state, 'rss'),
          medianOf(state, 'pss'),
          medianOf(state, 'anonymous'),
          medianOf(state, 'peak'),
          state.idle,
        ]),
      },
    ],
    aims,
    notes: [
      `node ${process.version} ${nodeFlags.join(' ')}, as the init script starts it; medians of ${READINGS} readings`,
      `${entries} names in the list, ${loaded} of them and of services in the kernel`,
      'whether a change is in force is looked at every 20 ms',
      'idle: processor time a second while nobody asks anything',
      'PSS counts a share of the pages of node itself, which other programs here map too; on a router nobody does',
    ],
    parameters: {
      listed: entries,
      changes: taken.switches.length + taken.names.length,
      flags: nodeFlags.join(' '),
    },
  };
}

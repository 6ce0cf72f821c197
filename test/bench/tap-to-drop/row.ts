import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { eventually, VirtualHome } from '../../home/index.ts';
import { CloudSystem } from '../../system/cloud.ts';
import { Family, type Tap } from '../../system/family.ts';
import { HostWorker } from '../../system/host-worker.ts';
import { RouterSystem } from '../../system/router.ts';
import { monotonic } from '../../system/worker.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { percentile } from '../statistics.ts';
import { endOfFlow, type Flow, startOfFlow } from './gaps.ts';

const PORT = 9000;
/** Packets in a row that must be missing before the child is resumed: one each millisecond. */
const SILENCE = 100;
/** Milliseconds after which a tap that has no effect is given up. */
const PATIENCE = 5000;

interface Round {
  readonly pause: Tap;
  readonly resume: Tap;
  /** When the next round's flow may be looked at no more. */
  readonly until: number;
}

/** From the parent's tap to the packet that does not arrive. */
export const tapToDrop: Row = {
  name: 'tap-to-drop',
  title: 'from the request to pause to the first packet that does not arrive',
  run,
};

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const rounds = quick ? 25 : 150;
  const home = await VirtualHome.start({ logQueries: false });
  const family = new Family(home);
  try {
    // Before the policy is there: `nft monitor` begins by reading the whole ruleset.
    const router = new HostWorker(home.router, new URL('router-worker.ts', import.meta.url));
    await router.ask('commits', null, z.unknown());
    await enrol(home, family, folder, progress);
    const tablet = new HostWorker(home.device('tablet'), new URL('tablet-worker.ts', import.meta.url));
    const outside = new HostWorker(home.internet, new URL('outside-worker.ts', import.meta.url));
    const target = { address: home.internet.site('example.org').v4, port: PORT };
    await outside.ask('listen', PORT, z.undefined());
    await tablet.ask('start', target, z.undefined());

    const taps: Round[] = [];
    const count = (worker: HostWorker) => worker.ask('count', null, z.int());
    for (let round = 0; round < rounds; round++) {
      if (round % 25 === 0) progress(`pause ${round + 1} of ${rounds}`);
      taps.push(
        await tapOnce(
          family,
          () => count(tablet),
          () => count(outside),
        ),
      );
    }
    const sentAt = await tablet.ask('stop', null, z.array(z.number()));
    const arrived = new Set(await outside.ask('arrived', null, z.array(z.int())));
    const commits = await router.ask('commits', null, z.array(z.number()));
    return evaluate(taps, { sentAt, arrived }, commits);
  } finally {
    await family.stop();
    await home.stop();
  }
}

async function enrol(
  home: VirtualHome,
  family: Family,
  folder: string,
  progress: (text: string) => void,
): Promise<void> {
  progress('starting the cloud');
  const cloud = new CloudSystem(home, join(folder, 'cloud'));
  await cloud.start();
  progress('starting the daemon');
  const router = new RouterSystem(home, join(folder, 'router'), cloud);
  await router.start();
  progress('claiming the router');
  await family.signUp();
  const code = await eventually('a claim code', async () => (await router.status()).cloud.claimCode, 15_000);
  await family.claimRouter(code);
  progress('giving the tablet to a child');
  await family.addChild(home.device('tablet'));
  await eventually('the policy is in force', async () => (await router.status()).lan.managed === 1, 15_000);
}

/** Pauses, waits until nothing comes, resumes, waits until packets come. Counts are of packets so far. */
async function tapOnce(
  family: Family,
  sent: () => Promise<number>,
  arrived: () => Promise<number>,
): Promise<Round> {
  // Not in step with anything that has a period.
  await delay(50 + Math.random() * 100);
  const pause = await family.pause();
  // By packets and not by time: on a busy machine either end may stand still for a while.
  let silent = { since: await sent(), arrived: await arrived() };
  await waitFor(async () => {
    const now = { since: await sent(), arrived: await arrived() };
    if (now.arrived !== silent.arrived) silent = now;
    return now.since - silent.since >= SILENCE;
  });
  const resume = await family.resume();
  const before = await arrived();
  await waitFor(async () => (await arrived()) > before);
  return { pause, resume, until: monotonic() };
}

/** What is not so in time shows as missing in the evaluation. */
async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  const deadline = monotonic() + PATIENCE;
  while (!(await condition()) && monotonic() < deadline) await delay(5);
}

function evaluate(rounds: readonly Round[], flow: Flow, commits: readonly number[]): RowResult {
  const isNumber = (value: number | undefined): value is number => value !== undefined;
  const since = (from: number, at: number | undefined) => (at === undefined ? undefined : at - from);
  const drops = rounds.map(({ pause, resume }) =>
    since(pause.sentAt, endOfFlow(flow, pause.sentAt, resume.sentAt)),
  );
  const flows = rounds.map(({ resume, until }) =>
    since(resume.sentAt, startOfFlow(flow, resume.sentAt, until)),
  );
  const committed = rounds.map(({ pause, resume }) =>
    since(
      pause.sentAt,
      commits.find((at) => at > pause.sentAt && at < resume.sentAt),
    ),
  );
  const drop = drops.filter(isNumber);
  const missed = drops.length - drop.length;
  const lost = flow.sentAt.length - flow.arrived.size;
  return {
    measures: [
      { name: 'tap to drop', unit: 'ms', samples: drop },
      { name: 'tap to the answer of the cloud', unit: 'ms', samples: rounds.map(answerTime) },
      { name: 'tap to the change in the kernel', unit: 'ms', samples: committed.filter(isNumber) },
      { name: 'resume to flow', unit: 'ms', samples: flows.filter(isNumber) },
      { name: 'between two packets', unit: 'ms', samples: intervals(flow.sentAt) },
    ],
    tables: [],
    aims: [
      atMost('p99 of tap to drop in ms', missed > 0 ? Number.POSITIVE_INFINITY : percentile(drop, 0.99), 300),
    ],
    notes: [
      `${missed} of ${rounds.length} pauses did not stop the flow within ${PATIENCE} ms`,
      `${flow.sentAt.length} packets sent, ${lost} did not arrive`,
      'the change in the kernel is when `nft monitor` tells of it, which waits for a core too',
    ],
    parameters: { rounds: rounds.length, packetIntervalMs: 1, silencePackets: SILENCE },
  };
}

function answerTime({ pause }: Round): number {
  return pause.answeredAt - pause.sentAt;
}

/** A thousand of them will do. */
function intervals(sentAt: readonly number[]): number[] {
  const all = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? at));
  const step = Math.max(1, Math.floor(all.length / 1000));
  return all.filter((_, index) => index % step === 0);
}

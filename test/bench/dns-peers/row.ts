import { execFileSync } from 'node:child_process';
import { lan } from '../../home/addresses.ts';
import type { Host } from '../../home/index.ts';
import { Flood } from '../flood.ts';
import { readMemory } from '../proc.ts';
import type { Row, RowOptions, RowResult } from '../row.ts';
import { ask, type Contestant, pin, type Turn } from './contestant.ts';
import { KhienHome, type KhienStart } from './khien-home.ts';
import { dnsmasqWithList, type Peer, unboundWithRpz, unboundWithZones } from './peer.ts';
import { PeerHome, peerAddress } from './peer-home.ts';
import { FLOOR, type Footprint, KHIEN, report } from './report.ts';
import { type Question, questions, writeWorkload } from './workload.ts';

/** Khiên beside what else blocks a list of names. */
export const dnsPeers: Row = {
  name: 'dns-peers',
  title: 'blocking a list of names, against dnsmasq and unbound',
  run,
};

const makers = [dnsmasqWithList, unboundWithZones, unboundWithRpz];

async function run(options: RowOptions): Promise<RowResult> {
  const flood = new Flood(options.folder);
  const khien = await KhienHome.start(flood);
  try {
    const others = await PeerHome.start(flood, makers.length);
    try {
      return await compare({ flood, khien, others }, options);
    } finally {
      await others.stop();
    }
  } finally {
    await khien.stop();
  }
}

async function compare(
  { flood, khien, others }: { readonly flood: Flood; readonly khien: KhienHome; readonly others: PeerHome },
  { quick, folder, progress }: RowOptions,
): Promise<RowResult> {
  const count = quick ? 20_000 : 1_000_000;
  const rounds = quick ? 2 : 7;
  const seconds = quick ? 0.06 : 0.2;
  progress(`${count} names`);
  const workload = writeWorkload(count, folder);
  const { names, queries } = workload;
  const peers = await Promise.all(makers.map((make, index) => make(folder, peerAddress(index), names)));
  progress('the daemon without the list');
  await khien.startWithoutList();
  const without = footprint(khien.daemon, await resolverOf(khien.home.router));
  await khien.endDaemon();

  const starts: KhienStart[] = [];
  const givenBack: number[] = [];
  for (let start = 0; start < (quick ? 1 : 2); start++) {
    if (start > 0) givenBack.push(await khien.endDaemon());
    progress(`start ${start + 1} of the daemon with the list`);
    starts.push(await khien.startDaemon(workload));
  }
  const contestants: Contestant[] = [
    {
      name: FLOOR,
      asker: others.tablet,
      address: lan.v4,
      pids: [await resolverOf(others.home.router)],
      blocksBy: undefined,
    },
    {
      name: KHIEN,
      asker: khien.tablet,
      address: lan.v4,
      pids: [khien.daemon, await resolverOf(khien.home.router)],
      blocksBy: 'address',
    },
  ];
  const ready = new Map<string, number>();
  for (const [index, peer] of peers.entries()) {
    progress(`start of ${peer.name}`);
    const address = peerAddress(index);
    const { process, blocking } = await others.startPeer(peer, address, queries);
    ready.set(peer.name, blocking);
    contestants.push({
      name: peer.name,
      asker: others.tablet,
      address,
      pids: [process.pid],
      blocksBy: 'absence',
    });
  }
  for (const contestant of contestants) await pin(contestant);

  const turns = new Map<string, Map<Question, Turn[]>>();
  // The first round, in which caches are cold, is not kept.
  for (let round = 0; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    for (const question of questions) {
      for (const contestant of contestants) {
        if (contestant.blocksBy === undefined && question !== 'allowed') continue;
        const turn = await ask(flood, contestant, question, { queries, seconds });
        if (round > 0) put(turns, contestant.name, question, turn);
      }
    }
  }
  const processes = new Map(contestants.map(({ name, pids }) => [name, footprint(...pids)]));
  givenBack.push(await khien.endDaemon());
  return report({
    turns,
    processes,
    without,
    starts,
    givenBack,
    ready,
    versions: peers.map(versionOf),
    parameters: { count, rounds, seconds },
  });
}

function put(turns: Map<string, Map<Question, Turn[]>>, name: string, question: Question, turn: Turn): void {
  const ofName = turns.get(name) ?? new Map<Question, Turn[]>();
  turns.set(name, ofName.set(question, [...(ofName.get(question) ?? []), turn]));
}

function footprint(...pids: readonly number[]): Footprint {
  const memories = pids.map(readMemory);
  return {
    rss: memories.reduce((sum, { rss }) => sum + rss, 0),
    peak: memories.reduce((sum, { peak }) => sum + peak, 0),
  };
}

/** The process of the router's own dnsmasq, which is the first of those it has. */
async function resolverOf(router: Host): Promise<number> {
  const pids = (await router.check('ip', ['netns', 'pids', router.namespace])).trim().split('\n');
  for (const pid of pids) {
    const command = await router.check('cat', [`/proc/${pid}/comm`]);
    if (command.trim() === 'dnsmasq') return Number(pid);
  }
  throw new Error('the router has no dnsmasq');
}

function versionOf({ name, command, version: [option, pattern] }: Peer): string {
  const printed = execFileSync(command, [option], { encoding: 'utf8' });
  return `${name}: ${command} ${pattern.exec(printed)?.[1] ?? 'unknown'}`;
}

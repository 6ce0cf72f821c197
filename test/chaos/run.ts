// make chaos: kills what the cloud consists of while routers and a parent keep it busy, and counts what got lost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PostgresServer } from '@khien/cloud/store/postgres-server.fixture';
import { CloudNode } from '../fleet/cloud-node.ts';
import { counterOf, FleetParent } from '../fleet/fleet-parent.ts';
import { addFleet } from '../fleet/identities.ts';
import { Load } from './load.ts';
import { ChaosParent } from './parent.ts';
import { judge, type Verdict } from './verdict.ts';

const ROUTERS = 20;
const RECOVERY_LIMIT = 5_000;

const help = `node --import tsx test/chaos/run.ts [--rounds N] [--only embedded|postgres|database]

  embedded   kill -9 of the node over the embedded database
  postgres   kill -9 of the node over PostgreSQL
  database   kill -9 of PostgreSQL itself

  --rounds N   how often each is done; 20 unless told
`;

type Killing = 'embedded' | 'postgres' | 'database';

interface Outcome {
  readonly killing: Killing;
  readonly rounds: number;
  readonly verdict: Verdict;
  readonly policyAcknowledged: number;
  readonly policyAtRouter: number;
  readonly repeated: number;
  /** Of each round: from when what was killed answers again to the first acknowledgement, milliseconds. */
  readonly recovery: readonly number[];
}

async function chaos(killing: Killing, rounds: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'khien-chaos-'));
  const postgres = killing === 'embedded' ? undefined : await PostgresServer.start();
  const databaseUrl = await postgres?.createDatabase();
  const node = await CloudNode.place({ data: folder, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
  const location = databaseUrl ?? join(folder, 'khien.sqlite');
  try {
    const fleet = await addFleet(location, ROUTERS);
    const [first] = fleet;
    if (first === undefined) throw new Error('a fleet has a router');
    await node.start();
    const load = new Load(() => ({ host: '127.0.0.1', port: node.mqttPort }));
    const account = new FleetParent(`http://localhost:${node.httpPort}`);
    await account.signUp(node.url, location, [first.household]);
    const parent = new ChaosParent(account, () => node.url, first);
    load.start(fleet);
    parent.start();

    const recovery: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const before = load.acknowledged.size;
      const until = Date.now() + 30_000;
      while (load.acknowledged.size < before + 500 && Date.now() < until) await sleep(20);
      await sleep(Math.random() * 700);
      if (killing === 'database') {
        await postgres?.kill();
        await sleep(Math.random() * 1_500);
        await postgres?.resume();
      } else {
        await node.kill();
        await node.start();
      }
      const answered = performance.now();
      while (load.lastAcknowledgedAt < answered && performance.now() < answered + 60_000) await sleep(5);
      recovery.push(Math.max(0, load.lastAcknowledgedAt - answered));
      process.stderr.write(
        `${killing} ${round}/${rounds}: ${load.acknowledged.size} acknowledged, back in ${recovery.at(-1)?.toFixed(0)} ms\n`,
      );
    }
    await parent.stop();
    await load.stop();
    // The document is sent after the parent was answered.
    const deadline = Date.now() + 10_000;
    const reader = new Load(() => ({ host: '127.0.0.1', port: node.mqttPort }));
    reader.start([first]);
    while (policyAt(reader) < parent.acknowledged && Date.now() < deadline) await sleep(20);
    await reader.stop();
    const policyAtRouter = policyAt(reader);
    await node.stop();
    const acknowledged = new Set([...load.acknowledged, ...reader.acknowledged]);
    const verdict = await judge(location, acknowledged, first.router);
    const { repeated } = load;
    return {
      killing,
      rounds,
      verdict,
      policyAcknowledged: parent.acknowledged,
      policyAtRouter,
      repeated,
      recovery,
    };

    function policyAt(of: Load): number {
      return counterOf(of.policies.get(first?.router ?? '')?.text ?? '');
    }
  } finally {
    await node.kill();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell({
  killing,
  rounds,
  verdict,
  policyAcknowledged,
  policyAtRouter,
  repeated,
  recovery,
}: Outcome): boolean {
  const slowest = Math.max(...recovery);
  const policyLost = verdict.policyStored < policyAcknowledged || policyAtRouter < policyAcknowledged;
  const good =
    verdict.lost === 0 &&
    verdict.doubled === 0 &&
    !policyLost &&
    verdict.acknowledged > 0 &&
    slowest <= RECOVERY_LIMIT;
  const sorted = [...recovery].sort((a, b) => a - b);
  process.stdout.write(
    `${killing.padEnd(9)} ${rounds} rounds: ${verdict.acknowledged} events acknowledged, ${verdict.lost} lost; ` +
      `${verdict.stored} stored, ${verdict.doubled} doubled (${repeated} sent again); ` +
      `policy ${policyAcknowledged} acknowledged, ${verdict.policyStored} stored, ${policyAtRouter} at the router; ` +
      `back after ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms (median), ${slowest.toFixed(0)} ms at most: ` +
      `${good ? 'good' : 'NOT GOOD'}\n`,
  );
  return good;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const killings: readonly Killing[] = ['embedded', 'postgres', 'database'];
const rounds = Number(values.rounds);
if (values.help) {
  process.stdout.write(help);
} else if (
  !Number.isInteger(rounds) ||
  rounds < 1 ||
  (values.only !== undefined && !killings.some((one) => one === values.only))
) {
  process.stderr.write(help);
  process.exitCode = 64;
} else {
  for (const killing of killings.filter((one) => values.only === undefined || one === values.only)) {
    if (!tell(await chaos(killing, rounds))) process.exitCode = 1;
  }
}

// make bench: what enforcement costs on the router.
import { churn } from './churn/row.ts';
import { daemonMemory } from './daemon-memory/row.ts';
import { dnsCost } from './dns-cost/row.ts';
import { dnsPeers } from './dns-peers/row.ts';
import { flashDay } from './flash-day/row.ts';
import { forwarding } from './forwarding/row.ts';
import { listLoad } from './list-load/row.ts';
import { policyCommit } from './policy-commit/row.ts';
import type { Row } from './row.ts';
import { runRows } from './run-rows.ts';
import { start } from './start/row.ts';
import { tapToDrop } from './tap-to-drop/row.ts';

const rows: readonly Row[] = [
  tapToDrop,
  dnsCost,
  dnsPeers,
  forwarding,
  listLoad,
  policyCommit,
  daemonMemory,
  churn,
  start,
  flashDay,
];

process.exitCode = await runRows(rows, 'sh test/in-namespace.sh node --import tsx test/bench/run.ts');

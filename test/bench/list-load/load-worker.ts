// Loads lists into the classifier's maps of this namespace as the daemon does; says how long that took and what it took.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Nftables } from 'node-nftables';
import { z } from 'zod';
import { CLASSIFIER_LAYOUT } from '../../../daemon/src/enforce/classifier.ts';
import { emptyPolicy, namesOf } from '../../../daemon/src/enforce/held.ts';
import { type LoadFailure, NameLoader } from '../../../daemon/src/enforce/name-loader.ts';
import { TableFile } from '../../../daemon/src/lists/table-file.ts';
import { type Memory, readMemory } from '../proc.ts';
import type { Loaded } from './loaded.ts';

const commandSchema = z.object({ list: z.string(), mask: z.int() });
const nft = new Nftables();
const failures: LoadFailure[] = [];
const loader = new NameLoader(nft, (failure) => failure && failures.push(failure));

async function load(line: string): Promise<Loaded> {
  const { list, mask } = commandSchema.parse(JSON.parse(line));
  const lists = await TableFile.open(list);
  const names = namesOf(CLASSIFIER_LAYOUT, new Map(), { mask, leftOut: [], roomForAll: true }, lists);
  const before = resetPeak();
  const [at, cpu] = [performance.now(), process.cpuUsage()];
  const transaction = nft.transaction();
  const write = loader.write(transaction, names, emptyPolicy, emptyPolicy);
  await transaction.commit();
  write.committed();
  await loader.loaded();
  const milliseconds = performance.now() - at;
  const { user, system } = process.cpuUsage(cpu);
  const after = readMemory(process.pid);
  if (failures[0] !== undefined) throw failures[0].error;
  return {
    milliseconds,
    user: user / 1000,
    system: system / 1000,
    names: loader.count,
    peakGrowth: after.peak - before.rss,
  };
}

/** Forgets how much memory this process had at most (proc_pid_clear_refs(5)), and says what it has. */
function resetPeak(): Memory {
  writeFileSync('/proc/self/clear_refs', '5');
  return readMemory(process.pid);
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await load(line))}\n`);
}
nft.close();

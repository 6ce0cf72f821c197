import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HostWorker } from '../../system/host-worker.ts';
import { StoredHome } from '../../system/stored-home.ts';
import { monotonic } from '../../system/worker.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { percentile } from '../statistics.ts';

/** From the start of the daemon's process to its rules in the kernel, with a policy on flash and nobody to ask. */
export const start: Row = {
  name: 'start',
  title: 'from the start of the daemon to its first transaction, with a stored policy',
  run,
};

/** What a process has had of processors, in milliseconds; the kernel counts in hundredths of a second (proc(5), stat). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function run({ quick, progress }: RowOptions): Promise<RowResult> {
  const rounds = quick ? 3 : 20;
  const stored = await StoredHome.start();
  const worker = new HostWorker(stored.home.router, new URL('table-worker.ts', import.meta.url));
  try {
    const enforcing: number[] = [];
    const worked: number[] = [];
    const answering: number[] = [];
    // The first one brings the daemon's files into the page cache, which a boot from flash would not find there.
    for (let round = 0; round <= rounds; round++) {
      if (round % 5 === 0) progress(`start ${round} of ${rounds}`);
      const { router } = stored;
      const appears = worker.ask('appears', null, z.number());
      await router.launch();
      const at = await appears;
      const processor = processorTime(router.process.pid);
      await router.answers();
      if (round > 0) {
        enforcing.push(at - router.launchedAt);
        worked.push(processor);
        answering.push(monotonic() - router.launchedAt);
      }
      await stored.reboot();
    }
    return {
      measures: [
        { name: 'start to enforcing', unit: 'ms', samples: enforcing },
        { name: 'processor time until then', unit: 'ms', samples: worked },
        { name: 'start to an answer of khiend status', unit: 'ms', samples: answering },
      ],
      tables: [],
      aims: [atMost('median of start to enforcing in ms', percentile(enforcing, 0.5), 1000)],
      notes: [
        'from before `ip netns exec` to the transaction with devices, rules and leases',
        'the daemon is bundled, with the flags of the init script; its files are in the page cache',
      ],
      parameters: { rounds },
    };
  } finally {
    await worker.stop();
    await stored.stop();
  }
}

import { freemem, totalmem } from 'node:os';
import { Conntrack, Nftables, watchRuleset } from 'node-nftables';
import type { Memory } from './list-budget.ts';

/** The enforcer's ways into the kernel; tests may give others. */
export interface Kernel {
  nftables(): Nftables;
  conntrack(): Conntrack;
  /** Calls back soon after any commit to the ruleset, by whomever. */
  watchRuleset(changed: () => void): { close(): void };
  memory(): Memory;
  /** Milliseconds on a clock that nobody sets, as the kernel's timeouts run. */
  uptime(): number;
}

/** How often the ruleset's generation is asked for, in milliseconds: so long may a flushed ruleset be without us. */
const LOOK_INTERVAL = 200;

export const linux: Kernel = {
  nftables: () => new Nftables(),
  conntrack: () => new Conntrack(),
  watchRuleset: (changed) =>
    watchRuleset(
      {
        event: ({ kind }) => {
          if (kind === 'generation') changed();
        },
        lost: changed,
      },
      LOOK_INTERVAL,
    ),
  // What Node calls free is what proc_meminfo(5) calls available.
  memory: () => ({ total: totalmem(), available: freemem() }),
  uptime: () => performance.now(),
};

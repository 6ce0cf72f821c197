import {
  Conntrack,
  Nftables,
  type RulesetEvent,
  type SubscriptionHandlers,
  watchRuleset,
} from 'node-nftables';

/** The enforcer's ways into the kernel; tests may give others. */
export interface Kernel {
  nftables(): Nftables;
  conntrack(): Conntrack;
  watchRuleset(handlers: SubscriptionHandlers<RulesetEvent>): { close(): void };
  /** Milliseconds on a clock that nobody sets, as the kernel's timeouts run. */
  uptime(): number;
}

export const linux: Kernel = {
  nftables: () => new Nftables(),
  conntrack: () => new Conntrack(),
  watchRuleset: (handlers) => watchRuleset(handlers),
  uptime: () => performance.now(),
};

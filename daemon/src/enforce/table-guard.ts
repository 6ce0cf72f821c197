import type { Nftables, TableRef } from 'node-nftables';
import { accessTable } from './access-table.ts';
import type { Kernel } from './kernel.ts';
import { dnsTable } from './name-map.ts';
import { policyTable } from './policy-table.ts';
import { servicesTable } from './services-table.ts';

/** Our tables, by what they hold. */
export const guarded = {
  names: dnsTable,
  policy: policyTable,
  access: accessTable,
  services: servicesTable,
} as const;
export type GuardedTable = keyof typeof guarded;

const parts: readonly GuardedTable[] = ['names', 'policy', 'access', 'services'];

/**
 * Notices when somebody else deletes our tables, or chains or rules of them: `nft flush ruleset`, `service firewall
 * stop`. Looks at them after each commit of somebody, and compares with what they were after our own last one.
 */
export class TableGuard {
  readonly #kernel: Kernel;
  readonly #touched: (tables: readonly GuardedTable[]) => void;
  #nft: Nftables | undefined;
  #watch: { close(): void } | undefined;
  /** Works of our own that are under way. */
  #works = 0;
  /** Changes when a work begins or ends: what was read meanwhile is neither before nor after it. */
  #epoch = 0;
  #known: readonly string[] | undefined;
  #looking: Promise<void> | undefined;

  constructor(kernel: Kernel, touched: (tables: readonly GuardedTable[]) => void) {
    this.#kernel = kernel;
    this.#touched = touched;
  }

  start(): void {
    this.#nft = this.#kernel.nftables();
    this.#watch = this.#kernel.watchRuleset(() => {
      if (this.#known !== undefined) this.#look();
    });
  }

  async stop(): Promise<void> {
    this.#watch?.close();
    this.#works++;
    await this.#looking;
    this.#nft?.close();
  }

  /** Does our own work on the tables; what they are afterwards is what they shall stay. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#works++;
    this.#epoch++;
    this.#known = undefined;
    try {
      return await work();
    } finally {
      this.#works--;
      this.#epoch++;
      if (this.#works === 0) this.#look();
    }
  }

  #look(): void {
    this.#looking ??= this.#compare()
      .catch(() => undefined)
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #compare(): Promise<void> {
    const nft = this.#nft;
    if (nft === undefined) return;
    const now = await this.#read(nft);
    if (now === undefined) return;
    const known = this.#known;
    const changed = parts.filter(
      (_, index) => now[index] !== (known?.[index] ?? now[index]) || now[index] === '',
    );
    this.#known = now;
    if (changed.length > 0) this.#touched(changed);
  }

  /** What the tables are, all at one moment; undefined while we work on them ourselves. */
  async #read(nft: Nftables): Promise<string[] | undefined> {
    for (;;) {
      const epoch = this.#epoch;
      const { id } = await nft.generation();
      const now: string[] = [];
      for (const part of parts) now.push(await describe(nft, guarded[part]));
      if (this.#works > 0) return undefined;
      if (epoch === this.#epoch && id === (await nft.generation()).id) return now;
    }
  }
}

/** Which table it is, and how many rules and references each chain has; empty where it is not there. */
async function describe(nft: Nftables, table: TableRef): Promise<string> {
  const found = await nft.findTable(table);
  if (found === undefined) return '';
  const chains = (await nft.listChains(table)).map(({ name, handle, use }) => `${name} ${handle} ${use}`);
  return [String(found.handle), ...chains.sort()].join('\n');
}

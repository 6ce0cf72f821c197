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

/** What is known of one table. */
interface Watched {
  /** Works of our own that are under way on it. */
  works: number;
  /** Changes when a work begins or ends: what was read meanwhile is neither before nor after it. */
  epoch: number;
  /** What it shall stay; undefined while we work on it, and until it was read after. */
  known: string | undefined;
}

/**
 * Notices when somebody else deletes our tables, or chains or rules of them: `nft flush ruleset`, `service firewall
 * stop`. Looks at them after each commit of somebody, and compares with what they were after our own last one. A table that
 * we work on for long, as on that of names, does not keep the others from being looked at.
 */
export class TableGuard {
  readonly #kernel: Kernel;
  readonly #touched: (tables: readonly GuardedTable[]) => void;
  readonly #watched = new Map<GuardedTable, Watched>(
    parts.map((part) => [part, { works: 0, epoch: 0, known: undefined }]),
  );
  #nft: Nftables | undefined;
  #watch: { close(): void } | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #brought = false;

  constructor(kernel: Kernel, touched: (tables: readonly GuardedTable[]) => void) {
    this.#kernel = kernel;
    this.#touched = touched;
  }

  start(): void {
    this.#nft = this.#kernel.nftables();
    this.#watch = this.#kernel.watchRuleset(() => {
      if (this.#brought) this.#look();
    });
  }

  async stop(): Promise<void> {
    this.#watch?.close();
    for (const watched of this.#watched.values()) watched.works++;
    await this.#looking;
    this.#nft?.close();
  }

  /** Does our own work on tables; what they are afterwards is what they shall stay. */
  async during<T>(work: () => Promise<T>, tables: readonly GuardedTable[] = parts): Promise<T> {
    this.#brought = true;
    this.#count(tables, 1);
    try {
      return await work();
    } finally {
      this.#count(tables, -1);
      this.#look();
    }
  }

  #count(tables: readonly GuardedTable[], works: number): void {
    for (const [part, watched] of this.#watched) {
      if (!tables.includes(part)) continue;
      watched.works += works;
      watched.epoch++;
      watched.known = undefined;
    }
  }

  #look(): void {
    this.#lookAgain = this.#looking !== undefined;
    this.#looking ??= this.#compare()
      .catch(() => undefined)
      .finally(() => {
        this.#looking = undefined;
        if (this.#lookAgain) this.#look();
      });
  }

  async #compare(): Promise<void> {
    const nft = this.#nft;
    if (nft === undefined) return;
    let changed: GuardedTable[] = [];
    // Of what is flushed while it is looked at, only a part would be told. While names are loaded each look takes several commits.
    for (let tries = 0; tries < 3; tries++) {
      const { id } = await nft.generation();
      changed = [...changed, ...(await this.#lookOnce(nft))];
      if (changed.length === 0 || id === (await nft.generation()).id) break;
    }
    if (changed.length > 0) this.#touched([...new Set(changed)]);
  }

  /** The tables that are not what they shall stay. */
  async #lookOnce(nft: Nftables): Promise<GuardedTable[]> {
    const changed: GuardedTable[] = [];
    for (const [part, watched] of this.#watched) {
      const { epoch, known } = watched;
      if (watched.works > 0) continue;
      const now = await describe(nft, guarded[part]);
      if (watched.epoch !== epoch) continue;
      watched.known = now;
      if (now === '' || now !== (known ?? now)) changed.push(part);
    }
    return changed;
  }
}

/** Which table it is, and how many rules and references each chain has; empty where it is not there. */
async function describe(nft: Nftables, table: TableRef): Promise<string> {
  const found = await nft.findTable(table);
  if (found === undefined) return '';
  const chains = (await nft.listChains(table)).map(({ name, handle, use }) => `${name} ${handle} ${use}`);
  return [String(found.handle), ...chains.sort()].join('\n');
}

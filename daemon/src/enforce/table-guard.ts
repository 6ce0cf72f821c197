import { isDeepStrictEqual } from 'node:util';
import type { Nftables, TableRef } from 'node-nftables';
import { accessTable } from './access-table.ts';
import type { Kernel } from './kernel.ts';
import { dnsTable } from './name-map.ts';
import { policyTable } from './policy-table.ts';
import { servicesTable } from './services-sets.ts';

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
  known: Description | undefined;
  /** What it was when it was last looked at and nobody was at work. */
  settled: Description | undefined;
}

/** Which table it is, and how many rules and references each chain has; undefined where it is not there. */
interface Description {
  readonly handle: number;
  readonly chains: ReadonlyMap<string, { readonly handle: number; readonly use: number }>;
}

/**
 * Notices when somebody else deletes our tables, or chains or rules of them: `nft flush ruleset`, `service firewall
 * stop`. Looks at them after each commit of somebody, and compares with what they were after our own last one. A table that
 * we work on for long, as on that of names, does not keep the others from being looked at. Where somebody has committed
 * while we worked, what we find after may not be what we left: then no chain may have lost anything either.
 */
export class TableGuard {
  readonly #kernel: Kernel;
  /** How many commits have been ours. */
  readonly #commits: () => number;
  readonly #touched: (tables: readonly GuardedTable[]) => void;
  readonly #watched = new Map<GuardedTable, Watched>(
    parts.map((part) => [part, { works: 0, epoch: 0, known: undefined, settled: undefined }]),
  );
  #nft: Nftables | undefined;
  #watch: { close(): void } | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #brought = false;
  /** When all was last looked at without a commit meanwhile. */
  #seen: { readonly generation: number; readonly commits: number } | undefined;

  constructor(
    kernel: Kernel,
    { commits, touched }: { commits: () => number; touched: (tables: readonly GuardedTable[]) => void },
  ) {
    this.#kernel = kernel;
    this.#commits = commits;
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
      const commits = this.#commits();
      const generation = (await nft.generation()).id;
      const seen = this.#seen ?? { generation, commits };
      const foreign = generation - seen.generation !== commits - seen.commits;
      const looked = await this.#lookOnce(nft, foreign);
      changed = [...changed, ...looked.changed];
      if (generation === (await nft.generation()).id) {
        this.#seen = { generation, commits };
        for (const watched of looked.adopted) watched.settled = watched.known;
        break;
      }
      for (const watched of looked.adopted) watched.known = undefined;
    }
    if (changed.length > 0) this.#touched([...new Set(changed)]);
  }

  /** The tables that are not what they shall stay, and those that were taken as we left them. */
  async #lookOnce(nft: Nftables, foreign: boolean): Promise<{ changed: GuardedTable[]; adopted: Watched[] }> {
    const changed: GuardedTable[] = [];
    const adopted: Watched[] = [];
    for (const [part, watched] of this.#watched) {
      const { epoch, known } = watched;
      if (watched.works > 0) continue;
      const now = await describe(nft, guarded[part]);
      if (watched.epoch !== epoch) continue;
      watched.known = now;
      if (known === undefined) adopted.push(watched);
      const lost =
        known === undefined ? foreign && hasLost(watched.settled, now) : !isDeepStrictEqual(now, known);
      if (now === undefined || lost) changed.push(part);
    }
    return { changed, adopted };
  }
}

async function describe(nft: Nftables, table: TableRef): Promise<Description | undefined> {
  const found = await nft.findTable(table);
  if (found === undefined) return undefined;
  const chains = await nft.listChains(table);
  return {
    handle: found.handle,
    chains: new Map(chains.map(({ name, handle, use }) => [name, { handle, use }])),
  };
}

/** Whether a chain of the same table has less in it than before. */
function hasLost(before: Description | undefined, now: Description | undefined): boolean {
  if (before === undefined || now === undefined || before.handle !== now.handle) return false;
  return [...now.chains].some(([name, { use }]) => use < (before.chains.get(name)?.use ?? 0));
}

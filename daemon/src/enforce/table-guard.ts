import type { Nftables, RulesetEvent } from 'node-nftables';
import { accessTable } from './access-table.ts';
import { namesMarker } from './classifier.ts';
import type { Kernel } from './kernel.ts';
import { dnsTable } from './name-map.ts';
import { policyMarker, policyTable } from './policy-table.ts';

const tables = [dnsTable, policyTable, accessTable];

/** Notices when somebody else deletes or changes our tables: `nft flush ruleset`, `service firewall stop`. */
export class TableGuard {
  readonly #kernel: Kernel;
  readonly #nft: Nftables;
  readonly #touched: (by: string) => void;
  #watch: { close(): void } | undefined;
  /** This process, as the kernel numbers it. */
  #self = 0;
  #ours = false;

  /** `touched` gets the name of the program. */
  constructor(kernel: Kernel, nft: Nftables, touched: (by: string) => void) {
    this.#kernel = kernel;
    this.#nft = nft;
    this.#touched = touched;
  }

  async start(): Promise<void> {
    this.#self = (await this.#nft.generation()).processId;
    this.#listen();
  }

  stop(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Does not listen while `work` loads many names, each of which is an event; looks afterwards. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.stop();
    try {
      return await work();
    } finally {
      this.#listen();
      await this.#look();
    }
  }

  #listen(): void {
    this.#ours = false;
    this.#watch = this.#kernel.watchRuleset({
      event: (event) => this.#event(event),
      lost: () => {
        this.#look().catch(() => this.#touched('unknown'));
      },
    });
  }

  #event(event: RulesetEvent): void {
    if (event.kind !== 'generation') {
      this.#ours ||= tables.some(
        ({ family, name }) => event.table.family === family && event.table.name === name,
      );
      return;
    }
    const { processId, processName } = event.generation;
    if (this.#ours && processId !== this.#self) this.#touched(processName);
    this.#ours = false;
  }

  async #look(): Promise<void> {
    const found = await Promise.all(tables.map((table) => this.#nft.findTable(table)));
    const markers = await Promise.all([policyMarker, namesMarker].map((set) => this.#nft.listElements(set)));
    if (found.includes(undefined) || markers.some((elements) => elements.length === 0))
      this.#touched('unknown');
  }
}

import { NetlinkError } from '../netlink/error.ts';
import type { SubscriptionHandlers } from '../netlink/subscription.ts';
import { Nftables } from './nftables.ts';
import type { TableInfo, TableRef } from './table.ts';

/** What commits left behind: the tables that went or came (one made anew did both), then the generation that is now. */
export type RulesetEvent =
  | { readonly kind: 'table'; readonly change: 'deleted' | 'added'; readonly table: TableRef }
  | { readonly kind: 'generation'; readonly id: number };

/** Where a watch looks: Nftables, or what a test puts in its place. */
export type RulesetSource = Pick<Nftables, 'generation' | 'listTables' | 'close'>;

const INTERVAL_MILLISECONDS = 500;

/**
 * Tells of commits by anybody, this process included, within `interval` milliseconds and until `close()`. What is there
 * when the watch begins makes no events. `lost` tells of a look that failed; the next one makes up for it.
 *
 * It asks for the generation number, and for the tables when that has changed. A subscription to NFNLGRP_NFTABLES would
 * bring an event for every element that any process adds to any set, hundreds of thousands in one commit when a firewall
 * loads its lists: more than the socket holds, which the binding does not survive (see OverrunGuard).
 */
export function watchRuleset(
  handlers: SubscriptionHandlers<RulesetEvent>,
  interval = INTERVAL_MILLISECONDS,
  source: RulesetSource = new Nftables(),
): RulesetWatch {
  return new RulesetWatch(handlers, interval, source);
}

export class RulesetWatch {
  readonly #handlers: SubscriptionHandlers<RulesetEvent>;
  readonly #interval: number;
  readonly #source: RulesetSource;
  #generation: number | undefined;
  #tables: readonly TableInfo[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(handlers: SubscriptionHandlers<RulesetEvent>, interval: number, source: RulesetSource) {
    this.#handlers = handlers;
    this.#interval = interval;
    this.#source = source;
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#source.close();
  }

  async #look(): Promise<void> {
    const events = await this.#changes().catch((error: unknown) => asNetlinkError(error));
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), this.#interval);
    if (events instanceof NetlinkError) this.#handlers.lost(events);
    else for (const event of events) this.#handlers.event(event);
  }

  async #changes(): Promise<RulesetEvent[]> {
    const { id } = await this.#source.generation();
    if (id === this.#generation) return [];
    const tables = await this.#source.listTables();
    const [first, before] = [this.#generation === undefined, this.#tables];
    this.#generation = id;
    this.#tables = tables;
    if (first) return [];
    return [
      ...without(before, tables).map((table) => ({ kind: 'table', change: 'deleted', table }) as const),
      ...without(tables, before).map((table) => ({ kind: 'table', change: 'added', table }) as const),
      { kind: 'generation', id },
    ];
  }
}

/** The tables that are not among `others`. A table that was made anew has another handle. */
function without(tables: readonly TableInfo[], others: readonly TableInfo[]): TableRef[] {
  const identity = ({ family, name, handle }: TableInfo) => `${family} ${name} ${handle}`;
  const known = new Set(others.map(identity));
  return tables.filter((table) => !known.has(identity(table))).map(({ family, name }) => ({ family, name }));
}

function asNetlinkError(error: unknown): NetlinkError {
  return error instanceof NetlinkError ? error : new NetlinkError('EIO', String(error));
}

import { Subscription, type SubscriptionHandlers } from '../netlink/subscription.ts';
import { Nftables } from './nftables.ts';
import type { TableInfo, TableRef } from './table.ts';

/** What commits left behind: the tables that went or came (one made anew did both), then the generation that is now. */
export type RulesetEvent =
  | { readonly kind: 'table'; readonly change: 'deleted' | 'added'; readonly table: TableRef }
  | { readonly kind: 'generation'; readonly id: number };

/** Where to look: Nftables, or what a test puts in its place. */
export type RulesetSource = Pick<Nftables, 'generation' | 'listTables' | 'close'>;

const INTERVAL_MILLISECONDS = 500;

/**
 * Tells of commits by anybody, this process included, within `interval` milliseconds and until `close()`. What is there
 * at the first look makes no events.
 */
export function watchRuleset(
  handlers: SubscriptionHandlers<RulesetEvent>,
  interval = INTERVAL_MILLISECONDS,
  source?: RulesetSource,
): { close(): void } {
  const nftables = source ?? new Nftables();
  let seen: { readonly id: number; readonly tables: readonly TableInfo[] } | undefined;
  const look = async (): Promise<RulesetEvent[]> => {
    const { id } = await nftables.generation();
    const before = seen;
    if (id === before?.id) return [];
    const tables = await nftables.listTables();
    seen = { id, tables };
    return before === undefined ? [] : [...tableChanges(before.tables, tables), { kind: 'generation', id }];
  };
  const subscription = new Subscription(look, handlers, interval);
  return {
    close() {
      subscription.close();
      nftables.close();
    },
  };
}

function tableChanges(before: readonly TableInfo[], now: readonly TableInfo[]): RulesetEvent[] {
  return [
    ...without(before, now).map((table) => ({ kind: 'table', change: 'deleted', table }) as const),
    ...without(now, before).map((table) => ({ kind: 'table', change: 'added', table }) as const),
  ];
}

/** The tables that are not among `others`. A table that was made anew has another handle. */
function without(tables: readonly TableInfo[], others: readonly TableInfo[]): TableRef[] {
  const identity = ({ family, name, handle }: TableInfo) => `${family} ${name} ${handle}`;
  const known = new Set(others.map(identity));
  return tables.filter((table) => !known.has(identity(table))).map(({ family, name }) => ({ family, name }));
}

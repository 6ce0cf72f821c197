import type { Id, Instant } from '@khien/shared/id';

/** A millisecond in decimal, of 16 digits so that texts compare as numbers do, and the node. */
const pattern = /^(\d{16})@/;

/**
 * Names a connection of a router by when it was made and by the node that has it: the later one is the greater text.
 *
 * @param before connections that the router had, whatever the clocks of their nodes say
 */
export function newConnectionId(
  node: Id,
  now: Instant,
  before: readonly (string | null | undefined)[] = [],
): string {
  const times = before.map((connection) => Number(pattern.exec(connection ?? '')?.[1] ?? 0));
  const time = Math.max(now, ...times.map((earlier) => earlier + 1));
  return `${String(time).padStart(16, '0')}@${node}`;
}

export function isOfNode(connection: string, node: Id): boolean {
  return connection.endsWith(`@${node}`);
}

import type { TableInfo } from 'node-nftables';
import { guarded } from '../enforce/table-guard.ts';
import { type Finding, ok, problem } from './finding.ts';

const ours = Object.values(guarded);

function hold(tables: readonly TableInfo[]): { there: TableInfo[]; missing: string[] } {
  const found = ours.map(({ family, name }) => ({
    title: `${family} ${name}`,
    table: tables.find((table) => table.family === family && table.name === name),
  }));
  return {
    there: found.flatMap(({ table }) => table ?? []),
    missing: found.filter(({ table }) => table === undefined).map(({ title }) => title),
  };
}

/** Whether all tables that the kernel must hold for us are there. */
export function holdsAll(tables: readonly TableInfo[]): boolean {
  return hold(tables).missing.length === 0;
}

/** Whether the kernel holds our tables. */
export function checkTables(tables: readonly TableInfo[], running: boolean): Finding {
  const check = 'tables';
  const { there, missing } = hold(tables);
  const asleep = there.filter(({ flags }) => flags.includes('dormant')).map(({ name }) => name);
  const restart = 'restart khiend, which makes them: /etc/init.d/khien restart';
  if (missing.length > 0) {
    const found = `not in the kernel: ${missing.join(', ')}`;
    return problem(
      check,
      found,
      running ? restart : 'start khiend, which makes them; nothing is enforced now',
    );
  }
  if (asleep.length > 0) return problem(check, `switched off: ${asleep.join(', ')}`, restart);
  return ok(check, ours.map(({ family, name }) => `${family} ${name}`).join(', '));
}

/**
 * Whether the kernel can do what we need.
 *
 * @param nftables what it said to a probe; undefined where it took it, or our tables prove it
 * @param conntrack the same for the deletion of connections
 */
export function checkKernel(
  release: string,
  nftables: Error | undefined,
  conntrack: Error | undefined,
): Finding {
  const check = 'kernel';
  if (nftables !== undefined) {
    const todo = 'install kmod-nft-core, kmod-nft-netdev and kmod-nft-nat';
    return problem(check, `Linux ${release} refuses nf_tables: ${nftables.message}`, todo);
  }
  if (conntrack !== undefined) {
    const found = `Linux ${release} deletes no connections: ${conntrack.message}`;
    return problem(check, found, 'install kmod-nf-conntrack-netlink');
  }
  return ok(check, `Linux ${release}: nf_tables inet and netdev, NAT, conntrack`);
}

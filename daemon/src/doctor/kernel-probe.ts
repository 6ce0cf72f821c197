import {
  type ChainRef,
  Conntrack,
  expr,
  Nftables,
  networkU16,
  register,
  type TableInfo,
} from 'node-nftables';
import { holdsAll } from './kernel.ts';

/** In 240.0.0.0/4, which nobody has (RFC 1112 §4). */
const NOBODY = '240.0.0.1';

export interface KernelFacts {
  readonly tables: readonly TableInfo[];
  /** What the kernel said to a probe of nf_tables, and of conntrack; undefined where it took it. */
  readonly nftables: Error | undefined;
  readonly conntrack: Error | undefined;
}

/** Reads which tables there are, and tries what is needed. Leaves the kernel as it was. */
export async function probeKernel(): Promise<KernelFacts> {
  const nft = new Nftables();
  const conntrack = new Conntrack();
  try {
    const listed = await nft.listTables().catch(asError);
    const tables = listed instanceof Error ? [] : listed;
    const refused = listed instanceof Error ? listed : holdsAll(tables) ? undefined : await tryTables(nft);
    const deleted = await conntrack.deleteAddress(NOBODY).catch(asError);
    return { tables, nftables: refused, conntrack: deleted instanceof Error ? deleted : undefined };
  } finally {
    nft.close();
    conntrack.close();
  }
}

/** One transaction that makes and deletes tables of both families, with the rules that need a module of their own. */
function tryTables(nft: Nftables): Promise<Error | undefined> {
  const inet = { family: 'inet', name: 'khien_doctor' } as const;
  const netdev = { family: 'netdev', name: 'khien_doctor' } as const;
  const nat: ChainRef = { table: inet, name: 'nat' };
  const r0 = register(0);
  return nft
    .transaction()
    .addTable(inet)
    .addTable(netdev)
    .addChain({ ...nat, base: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' } })
    .addRule({
      chain: nat,
      expressions: [
        expr.meta('l4proto', r0),
        expr.cmp(r0, 'eq', Buffer.of(17)),
        expr.immediate(r0, networkU16(53)),
        expr.redir(r0),
      ],
    })
    .deleteTable(inet)
    .deleteTable(netdev)
    .commit()
    .then(() => undefined, asError);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

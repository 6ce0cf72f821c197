import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { Attributes } from '../netlink/attributes.ts';
import { NetlinkConnection, type NetlinkRequest } from '../netlink/connection.ts';
import { isNetlinkError, NetlinkError } from '../netlink/error.ts';
import { readGenericHeader, resourceId, writeGenericHeader } from '../netlink/nfnetlink.ts';
import { openSocket, protocol } from '../netlink/socket.ts';
import type { OpenTransport } from '../netlink/transport.ts';
import { type ChainInfo, type ChainRef, parseChain } from './chain.ts';
import { type ElementInfo, parseElements, writeElementsOf } from './element.ts';
import { type Generation, parseGeneration } from './generation.ts';
import { checkPacked, type PackedAction, type PackedElements, PackedTransaction } from './packed.ts';
import { familyNumber, messageType, nftablesType } from './protocol.ts';
import { parseRule, type RuleInfo, writeRulesOf } from './rule.ts';
import { type NamedSet, parseSet, type SetInfo, type SetRef, writeSetsOf } from './set.ts';
import { parseTable, type TableInfo, type TableRef, writeTableRef } from './table.ts';
import { Transaction } from './transaction.ts';

// NFTA_CHAIN_TABLE
const CHAIN_TABLE = 1;

/**
 * The nf_tables of a network namespace. What does not exist is listed as empty. Every method rejects with NetlinkError.
 */
export class Nftables {
  readonly #connection: NetlinkConnection;
  #commits = 0;

  /** `open` is for tests; the default is a kernel socket, opened by the first use. */
  constructor(open: OpenTransport = openSocket(protocol.netfilter)) {
    this.#connection = new NetlinkConnection(open);
  }

  /** Bytes that fit one transaction: twice `net.core.wmem_max`, at most 8 MiB. */
  get transactionLimit(): number {
    return this.#connection.sendLimit;
  }

  /** How many commits went through this object. */
  get commits(): number {
    return this.#commits;
  }

  transaction(): Transaction {
    return new Transaction((datagram, describe) => this.#batch(datagram, describe));
  }

  /** Tables of every family. */
  listTables(): Promise<TableInfo[]> {
    return this.#connection.collect(this.#get('list tables', messageType.getTable, 0), parseTable);
  }

  async findTable(table: TableRef): Promise<TableInfo | undefined> {
    const request = this.#getOf('get table', messageType.getTable, table, (writer) =>
      writeTableRef(writer, table),
    );
    const reply = await orWhenAbsent(this.#connection.request(request), undefined);
    return reply === undefined ? undefined : parseTable(reply);
  }

  /** The chains of a table. */
  async listChains(table: TableRef): Promise<ChainInfo[]> {
    const chains: ChainInfo[] = [];
    await this.#connection.dump(
      this.#getOf('list chains', messageType.getChain, table),
      (payload) => {
        // The kernel cannot limit this dump to a table.
        if (new Attributes(readGenericHeader(payload).attributes).string(CHAIN_TABLE) !== table.name) return;
        chains.push(parseChain(payload));
      },
      () => chains.splice(0),
    );
    return chains;
  }

  /** The rules of a chain, in their order. */
  listRules(chain: ChainRef): Promise<RuleInfo[]> {
    const request = this.#getOf('list rules', messageType.getRule, chain.table, (writer) =>
      writeRulesOf(writer, chain),
    );
    return orWhenAbsent(this.#connection.collect(request, parseRule), []);
  }

  /** The sets and maps of a table. */
  listSets(table: TableRef): Promise<SetInfo[]> {
    const request = this.#getOf('list sets', messageType.getSet, table, (writer) =>
      writeSetsOf(writer, table),
    );
    return orWhenAbsent(this.#connection.collect(request, parseSet), []);
  }

  /** The elements of a set. For large sets see `visitElements`. */
  async listElements(set: SetRef): Promise<ElementInfo[]> {
    const elements: ElementInfo[] = [];
    await this.visitElements(
      set,
      (element) => elements.push(element),
      () => elements.splice(0),
    );
    return elements;
  }

  /**
   * Calls `visit` with each element of a set while the kernel is still listing them, and keeps none.
   *
   * When the ruleset changes meanwhile, the list may miss some: then `restart` is called, to forget what was visited,
   * and all begins again; without `restart` it rejects with EINTR.
   */
  visitElements(set: SetRef, visit: (element: ElementInfo) => void, restart?: () => void): Promise<void> {
    const request = this.#getOf('list elements', messageType.getElements, set.table, (writer) =>
      writeElementsOf(writer, set),
    );
    const dump = this.#connection.dump(
      { ...request, describe: `${request.describe}/${set.name}` },
      (payload) => parseElements(payload).forEach(visit),
      restart,
    );
    return orWhenAbsent(dump, undefined);
  }

  /**
   * Adds elements of a set or map as they come, in transactions of about 64 KiB each, and resolves with their number.
   * When one is refused, the transactions before it stay applied.
   */
  addPacked(
    set: NamedSet,
    chunks: Iterable<PackedElements> | AsyncIterable<PackedElements>,
  ): Promise<number> {
    return this.#packed(set, 'add', chunks);
  }

  /** Deletes elements as they come; of a map, values need not be given. See `addPacked`. */
  deletePacked(
    set: NamedSet,
    chunks: Iterable<PackedElements> | AsyncIterable<PackedElements>,
  ): Promise<number> {
    return this.#packed(set, 'delete', chunks);
  }

  /** The number that each commit of anybody raises. */
  async generation(): Promise<Generation> {
    const reply = await this.#connection.request(this.#get('get generation', messageType.getGeneration, 0));
    if (reply === undefined) throw new NetlinkError('EBADMSG', 'malformed netlink reply: no generation');
    return parseGeneration(reply);
  }

  /** Rejects what is pending with ECANCELED and closes the socket, which until then keeps the process alive. */
  close(): void {
    this.#connection.close();
  }

  async #batch(datagram: Buffer, describe: (index: number) => string): Promise<void> {
    await this.#connection.batch(datagram, describe);
    this.#commits++;
  }

  async #packed(
    set: NamedSet,
    action: PackedAction,
    chunks: Iterable<PackedElements> | AsyncIterable<PackedElements>,
  ): Promise<number> {
    // What is all there at once may be little: then what is encoded ahead need not be much.
    const most = Array.isArray(chunks) ? countOf(chunks) : undefined;
    const transaction = new PackedTransaction(set, action, most);
    let total = 0;
    const send = async () => {
      const range = `${total} to ${total + transaction.count - 1}`;
      total += transaction.count;
      await this.#batch(
        transaction.take(),
        () => `${action} elements ${set.table.family} ${set.table.name}/${set.name} (${range})`,
      );
    };
    for await (const chunk of chunks) {
      checkPacked(set, action, chunk);
      for (let index = 0; index < chunk.count; ) {
        index += transaction.put(chunk, index);
        if (transaction.isFull) await send();
      }
    }
    if (transaction.count > 0) await send();
    return total;
  }

  #getOf(
    action: string,
    type: number,
    table: TableRef,
    fill?: (writer: AttributeWriter) => void,
  ): NetlinkRequest {
    return this.#get(`${action} ${table.family} ${table.name}`, type, familyNumber(table.family), fill);
  }

  #get(
    describe: string,
    type: number,
    family: number,
    fill?: (writer: AttributeWriter) => void,
  ): NetlinkRequest {
    return {
      describe,
      type: nftablesType(type),
      // The kernel does not flag dumps of elements.
      version: resourceId,
      body(writer) {
        writeGenericHeader(writer, family);
        fill?.(writer);
      },
    };
  }
}

function countOf(chunks: readonly PackedElements[]): number {
  return chunks.reduce((sum, { count }) => sum + count, 0);
}

async function orWhenAbsent<T>(reply: Promise<T>, absent: T): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (isNetlinkError(error, 'ENOENT')) return absent;
    throw error;
  }
}

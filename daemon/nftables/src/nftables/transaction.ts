import { AttributeWriter } from '../netlink/attribute-writer.ts';
import { NetlinkError } from '../netlink/error.ts';
import { flag, writeMessage } from '../netlink/message.ts';
import { writeGenericHeader } from '../netlink/nfnetlink.ts';
import { type Chain, type ChainRef, writeChain, writeChainRef } from './chain.ts';
import { type Element, nextOf, writeElements, writeElementsOf } from './element.ts';
import { familyNumber, messageType, nftablesType, writeBatchBegin, writeBatchEnd } from './protocol.ts';
import { type Rule, type RuleRef, writeRule, writeRuleRef, writeRulesOf } from './rule.ts';
import { type NamedSet, type SetRef, writeSet, writeSetRef } from './set.ts';
import { type Table, type TableRef, writeTable, writeTableRef } from './table.ts';

/** Takes an encoded batch to the kernel; see NetlinkConnection.batch. */
export type SendBatch = (datagram: Buffer, describe: (index: number) => string) => Promise<void>;

/**
 * Collects changes to tables of any family and applies all of them, or none, in one commit.
 *
 * Adding what is there already, unchanged, is no error; deleting what is not there is (ENOENT). Methods throw
 * NetlinkError EINVAL for what cannot be encoded.
 */
export class Transaction {
  readonly #send: SendBatch;
  readonly #writer = new AttributeWriter();
  /** Of each message; the first is the begin of the batch. */
  readonly #descriptions = ['commit'];
  #lastMessage = 0;
  #sets = 0;
  #committed = false;

  constructor(send: SendBatch) {
    this.#send = send;
    writeBatchBegin(this.#writer);
  }

  /** Bytes the transaction takes; the limit is `Nftables.transactionLimit`. */
  get byteLength(): number {
    return this.#writer.length + BOUNDARY;
  }

  get isEmpty(): boolean {
    return this.#descriptions.length === 1;
  }

  addTable(table: Table): this {
    return this.#message('add table', messageType.newTable, 0, table, '', (writer) =>
      writeTable(writer, table),
    );
  }

  /** Deletes a table with all that is in it. */
  deleteTable(table: TableRef): this {
    return this.#message('delete table', messageType.deleteTable, 0, table, '', (writer) =>
      writeTableRef(writer, table),
    );
  }

  /** Deletes a table that may not exist. (Adds it first, which every kernel can: DESTROYTABLE needs Linux 6.3.) */
  destroyTable(table: TableRef): this {
    return this.addTable({ family: table.family, name: table.name }).deleteTable(table);
  }

  addChain(chain: Chain): this {
    return this.#message('add chain', messageType.newChain, flag.create, chain.table, chain.name, (writer) =>
      writeChain(writer, chain),
    );
  }

  /** Deletes a chain with its rules. EBUSY while something jumps to it. */
  deleteChain(chain: ChainRef): this {
    return this.#message('delete chain', messageType.deleteChain, 0, chain.table, chain.name, (writer) =>
      writeChainRef(writer, chain),
    );
  }

  /** Deletes a chain that may not exist, in a table that does. */
  destroyChain(chain: ChainRef): this {
    return this.addChain({ table: chain.table, name: chain.name }).deleteChain(chain);
  }

  /** Deletes the rules of a chain. */
  flushChain(chain: ChainRef): this {
    return this.#message('flush chain', messageType.deleteRule, 0, chain.table, chain.name, (writer) =>
      writeRulesOf(writer, chain),
    );
  }

  /** Appends a rule to its chain. */
  addRule(rule: Rule): this {
    return this.#rule('add rule', flag.create | flag.append, rule);
  }

  /** Puts a rule before all others of its chain. */
  insertRule(rule: Rule): this {
    return this.#rule('insert rule', flag.create, rule);
  }

  deleteRule(rule: RuleRef): this {
    const { table, name } = rule.chain;
    return this.#message(
      'delete rule',
      messageType.deleteRule,
      0,
      table,
      `${name} handle ${rule.handle}`,
      (writer) => writeRuleRef(writer, rule),
    );
  }

  addSet(set: NamedSet): this {
    const id = ++this.#sets;
    return this.#message('add set', messageType.newSet, flag.create, set.table, set.name, (writer) =>
      writeSet(writer, set, id),
    );
  }

  /** Deletes a set with its elements. EBUSY while a rule uses it. */
  deleteSet(set: SetRef): this {
    return this.#message('delete set', messageType.deleteSet, 0, set.table, set.name, (writer) =>
      writeSetRef(writer, set),
    );
  }

  /** Deletes a set that may not exist, in a table that does. EEXIST when it exists with another definition. */
  destroySet(set: NamedSet): this {
    return this.addSet(set).deleteSet(set);
  }

  /** Deletes all elements of a set. */
  flushSet(set: SetRef): this {
    return this.#message('flush set', messageType.deleteElements, 0, set.table, set.name, (writer) =>
      writeElementsOf(writer, set),
    );
  }

  /** EEXIST when a map has other data for the key; ENFILE when the set is full. Does not extend a timeout. */
  addElements(set: SetRef, elements: Iterable<Element>): this {
    return this.#elements('add element', messageType.newElements, flag.create, set, elements);
  }

  /** ENOENT when one is not there, or has expired. */
  deleteElements(set: SetRef, elements: Iterable<Element>): this {
    return this.#elements('delete element', messageType.deleteElements, 0, set, elements);
  }

  /**
   * Deletes elements that may not exist, from a set, or from a map if given the data it has. (Adds them first, which
   * every kernel can: DESTROYSETELEM needs Linux 6.3. In a full set that is ENFILE.)
   */
  destroyElements(set: SetRef, elements: readonly Element[]): this {
    return this.addElements(set, elements).deleteElements(set, elements);
  }

  /** Adds elements of a set or, where they exist, starts their timeouts anew, as no kernel does by adding alone. */
  renewElements(set: SetRef, elements: readonly Element[]): this {
    return this.destroyElements(set, elements).addElements(set, elements);
  }

  /**
   * Applies everything, atomically; an empty transaction does nothing. Rejects with a NetlinkError that names each
   * refused change, after which nothing is applied. A transaction can be committed once.
   */
  async commit(): Promise<void> {
    if (this.#committed) throw new NetlinkError('EINVAL', 'the transaction was committed before');
    this.#committed = true;
    if (this.isEmpty) return;
    const flags = this.#writer.written.readUInt16LE(this.#lastMessage + FLAGS_OFFSET);
    this.#writer.written.writeUInt16LE(flags | flag.ack, this.#lastMessage + FLAGS_OFFSET);
    writeBatchEnd(this.#writer);
    await this.#send(this.#writer.written, (index) => this.#descriptions[index] ?? 'commit');
  }

  #rule(action: string, flags: number, rule: Rule): this {
    return this.#message(action, messageType.newRule, flags, rule.chain.table, rule.chain.name, (writer) =>
      writeRule(writer, rule),
    );
  }

  #elements(action: string, type: number, flags: number, set: SetRef, elements: Iterable<Element>): this {
    const rest = elements[Symbol.iterator]();
    let first = nextOf(rest);
    while (first !== undefined) {
      const begin: Element = first;
      this.#message(action, type, flags, set.table, set.name, (writer) => {
        first = writeElements(writer, set, begin, rest);
      });
    }
    return this;
  }

  #message(
    action: string,
    type: number,
    flags: number,
    table: TableRef,
    object: string,
    fill: (writer: AttributeWriter) => void,
  ): this {
    this.#lastMessage = this.#writer.length;
    this.#descriptions.push(`${action} ${table.family} ${table.name}${object === '' ? '' : `/${object}`}`);
    writeMessage(this.#writer, nftablesType(type), flags, (writer) => {
      writeGenericHeader(writer, familyNumber(table.family));
      fill(writer);
    });
    return this;
  }
}

const BOUNDARY = 20;
const FLAGS_OFFSET = 6;

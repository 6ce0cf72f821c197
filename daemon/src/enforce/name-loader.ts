import { setImmediate as turn } from 'node:timers/promises';
import type { Nftables, Transaction } from 'node-nftables';
import {
  addClassifier,
  addClassifierMaps,
  classifierRules,
  enterClassifier,
  namesMarker,
} from './classifier.ts';
import { writeManagedForDns, writeMarker, writeNames } from './diff.ts';
import { emptyPolicy, type HeldNames, type HeldPolicy } from './held.ts';
import { type NameChange, nameChanges } from './name-changes.ts';
import { dnsTable, LONG, nameMap } from './name-map.ts';
import { NameTable } from './name-table.ts';
import { ownNameChanges } from './own-name-changes.ts';

/** A transaction of rules takes about so many bytes: half of what fits a socket with the kernel's default limits. */
const RULES_AT_ONCE = 200_000;
/** Changes of names in one transaction. */
const CHANGES_AT_ONCE = 2000;
/** Blocks or chunks that are read before others get their turn. */
const BLOCKS_AT_ONCE = 4;

interface Loading {
  readonly target: HeldNames;
  readonly done: Promise<void>;
}

/** What there is to write for the names, and what to do when it is written. */
type Plan = 'nothing' | { readonly changes: NameChange[] } | 'change' | 'fill';

/**
 * Keeps the classifier's maps. What is small goes into the transaction of the policy; what is not is loaded beside it,
 * and meanwhile every query goes to the responder, which is exact: nothing waits for lists, and nothing passes unchecked.
 */
export class NameLoader {
  readonly #nft: Nftables;
  readonly #ended: (error: unknown) => void;
  #held: HeldNames | undefined;
  #loading: Loading | undefined;
  /** What could not be loaded: not tried again before something else is wanted. */
  #failed: HeldNames | undefined;
  #count = 0;

  /** `ended` gets what ended a load before it was complete, undefined for one that is. */
  constructor(nft: Nftables, ended: (error: unknown) => void) {
    this.#nft = nft;
    this.#ended = ended;
  }

  /** Names that the classifier knows; 0 while the responder decides all. */
  get count(): number {
    return this.#held === undefined ? 0 : this.#count;
  }

  /** The maps of a former run are as wanted. */
  adopt(names: HeldNames): void {
    this.#held = names;
    this.#count = names.names.size + (names.listMask === 0 ? 0 : names.lists.count(names.listMask));
  }

  /** The table is no more what was made of it. The result takes that back, but for a load that was under way. */
  forget(): () => void {
    const [held, failed] = [this.#held, this.#failed];
    this.#held = undefined;
    this.#loading = undefined;
    this.#failed = undefined;
    return () => {
      this.#held = held;
      this.#failed = failed;
    };
  }

  /** Resolves when nothing is being loaded. */
  async loaded(): Promise<void> {
    while (this.#loading !== undefined) await this.#loading.done;
  }

  /**
   * Adds to a transaction what the classifier needs for `names` and the managed devices of `policy`, of which it knows
   * those of `before`. The result is to be called when the transaction is committed.
   */
  write(
    transaction: Transaction,
    names: HeldNames,
    before: HeldPolicy | undefined,
    policy: HeldPolicy,
  ): () => void {
    const held = this.#held;
    const plan = this.#plan(names);
    // What is being loaded would go on in the table that this transaction changes.
    if (plan !== 'nothing') this.#loading = undefined;
    if (plan === 'fill') {
      transaction.destroyTable(dnsTable);
      addClassifier(transaction);
      writeManagedForDns(transaction, emptyPolicy, policy);
      return () => this.#load(names, (stopped) => this.#fill(names, stopped));
    }
    writeManagedForDns(transaction, before, policy);
    if (plan === 'nothing') return () => undefined;
    if (plan === 'change') {
      enterClassifier(transaction, 'undecided');
      transaction.flushSet(namesMarker);
      return () => this.#load(names, (stopped) => this.#change(held ?? names, names, stopped));
    }
    writeNames(transaction, plan.changes);
    writeMarker(transaction, namesMarker, names.revision);
    return () => {
      this.#held = names;
      this.#failed = undefined;
      this.#count += growth(plan.changes);
    };
  }

  #plan(names: HeldNames): Plan {
    for (const same of [this.#held, this.#loading?.target, this.#failed]) {
      if (same?.revision.equals(names.revision) === true) return 'nothing';
    }
    const held = this.#held;
    if (held === undefined) return 'fill';
    if (held.listMask !== 0 || names.listMask !== 0) {
      return held.lists.revision === names.lists.revision ? 'change' : 'fill';
    }
    const changes: NameChange[] = [];
    for (const change of nameChanges(tableOf(held).blocks(), tableOf(names).blocks())) {
      if (changes.push(change) > CHANGES_AT_ONCE) return 'change';
    }
    return { changes };
  }

  #load(target: HeldNames, work: (stopped: () => boolean) => Promise<number>): void {
    this.forget();
    const stopped = () => this.#loading?.target !== target;
    const run = async () => {
      const count = await work(stopped);
      if (stopped()) return;
      const transaction = this.#nft.transaction();
      enterClassifier(transaction, 'scan');
      writeMarker(transaction, namesMarker, target.revision);
      await transaction.commit();
      if (stopped()) return;
      this.#loading = undefined;
      this.#held = target;
      this.#count = count;
      this.#ended(undefined);
    };
    const done = run().catch((error: unknown) => {
      if (stopped()) return;
      this.#loading = undefined;
      this.#failed = target;
      this.#ended(error);
    });
    this.#loading = { target, done };
  }

  /** Rules first, elements second: binding a map to a rule walks all its elements. */
  async #fill(names: HeldNames, stopped: () => boolean): Promise<number> {
    const counts = new Map<number, number>();
    for await (const { wireLength, count } of gently(tableOf(names).blocks())) {
      if (stopped()) return 0;
      counts.set(wireLength, (counts.get(wireLength) ?? 0) + count);
    }
    let transaction = this.#nft.transaction();
    addClassifierMaps(transaction, withHeadroom(counts));
    for (const rule of classifierRules()) {
      transaction.addRule(rule);
      if (transaction.byteLength < RULES_AT_ONCE) continue;
      await transaction.commit();
      if (stopped()) return 0;
      transaction = this.#nft.transaction();
    }
    await transaction.commit();
    let total = 0;
    for await (const { wireLength, keys, masks, count } of gently(tableOf(names).blocks())) {
      if (stopped()) return 0;
      total += await this.#nft.addPacked(nameMap(wireLength, 0), [{ keys, values: masks, count }]);
    }
    return total;
  }

  async #change(held: HeldNames, names: HeldNames, stopped: () => boolean): Promise<number> {
    let count = this.#count;
    let changes: NameChange[] = [];
    const send = async () => {
      const transaction = this.#nft.transaction();
      writeNames(transaction, changes);
      await transaction.commit();
      count += growth(changes);
      changes = [];
    };
    for await (const change of changesBetween(held, names)) {
      if (stopped()) return 0;
      if (changes.push(change) === CHANGES_AT_ONCE) await send();
    }
    if (!stopped()) await send();
    return count;
  }
}

function tableOf({ names, lists, listMask }: HeldNames): NameTable {
  return new NameTable(names, lists, listMask);
}

async function* changesBetween(held: HeldNames, names: HeldNames): AsyncGenerator<NameChange> {
  if (held.listMask === names.listMask) {
    const walk = ownNameChanges(held.names, names.names, names.lists, names.listMask);
    let chunks = 0;
    for (const change of walk) {
      if (change !== 'chunk') yield change;
      else if (++chunks % BLOCKS_AT_ONCE === 0) await turn();
    }
    return;
  }
  let walked = 0;
  for (const change of nameChanges(counted(tableOf(held).blocks()), tableOf(names).blocks())) {
    if (walked >= BLOCKS_AT_ONCE) {
      walked = 0;
      await turn();
    }
    yield change;
  }

  function* counted<T>(blocks: Iterable<T>): Generator<T> {
    for (const block of blocks) {
      walked++;
      yield block;
    }
  }
}

/** The blocks of a table, with turns for others in between. */
async function* gently<T>(blocks: Iterable<T>): AsyncGenerator<T> {
  let given = 0;
  for (const block of blocks) {
    if (++given % BLOCKS_AT_ONCE === 0) await turn();
    yield block;
  }
}

function growth(changes: readonly NameChange[]): number {
  return changes.reduce(
    (sum, { before, after }) => sum + Number(after !== undefined) - Number(before !== undefined),
    0,
  );
}

/** A full map refuses more: leave room for a quarter more, and for a family's own names. */
function withHeadroom(counts: ReadonlyMap<number, number>): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let length = 0; length <= LONG; length++) {
    sizes.set(length, Math.ceil((counts.get(length) ?? 0) * 1.25) + 512);
  }
  return sizes;
}

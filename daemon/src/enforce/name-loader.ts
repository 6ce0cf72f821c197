import { setImmediate as turn } from 'node:timers/promises';
import type { Nftables, PackedElements, Transaction } from 'node-nftables';
import {
  addClassifier,
  addClassifierMaps,
  classifierRules,
  enterClassifier,
  namesMarker,
} from './classifier.ts';
import { writeManagedForDns, writeMarker, writeNames } from './diff.ts';
import { emptyPolicy, type HeldNames, type HeldPolicy } from './held.ts';
import { type ChangeWalk, changesOf, type NameChange, nameChanges } from './name-changes.ts';
import { dnsTable, LONG, nameMap } from './name-map.ts';
import { type NameBlock, NameTable } from './name-table.ts';
import { ownNameChanges } from './own-name-changes.ts';
import { PackedChanges } from './packed-changes.ts';

/** A transaction of rules takes about so many bytes: half of what fits a socket with the kernel's default limits. */
const RULES_AT_ONCE = 200_000;
/** Changes of names that go into the policy's transaction. */
const CHANGES_AT_ONCE = 2000;
/** Blocks or chunks that are read before others get their turn. */
const BLOCKS_AT_ONCE = 4;

interface Loading {
  readonly target: HeldNames;
  readonly stop: AbortController;
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

  /** The maps of a former run are as wanted. Throws KhienError `LIST_CORRUPT`. */
  adopt(names: HeldNames): void {
    this.#count = names.names.size + (names.listMask === 0 ? 0 : names.lists.count(names.listMask));
    this.#held = names;
  }

  /** The table is no more what was made of it. The result takes that back, but for a load that was under way. */
  forget(): () => void {
    const [held, failed] = [this.#held, this.#failed];
    this.#held = undefined;
    this.#failed = undefined;
    this.#stop();
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
    if (plan !== 'nothing') this.#stop();
    if (plan === 'fill') {
      transaction.destroyTable(dnsTable);
      addClassifier(transaction);
      writeManagedForDns(transaction, emptyPolicy, policy);
      return () => this.#load(names, (signal) => this.#fill(names, signal));
    }
    writeManagedForDns(transaction, before, policy);
    if (plan === 'nothing') return () => undefined;
    if (plan === 'change') {
      enterClassifier(transaction, 'undecided');
      transaction.flushSet(namesMarker);
      return () => this.#load(names, (signal) => this.#change(held ?? names, names, signal));
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
    const changes = changesOf(nameChanges(tableOf(held).blocks(), tableOf(names).blocks()));
    return changes.length > CHANGES_AT_ONCE ? 'change' : { changes };
  }

  #stop(): void {
    this.#loading?.stop.abort();
    this.#loading = undefined;
  }

  #load(target: HeldNames, work: (signal: AbortSignal) => Promise<number>): void {
    this.forget();
    const stop = new AbortController();
    const done = this.#loadAll(target, work, stop.signal).then(
      (count) => {
        if (stop.signal.aborted) return;
        this.#loading = undefined;
        this.#held = target;
        this.#count = count;
        this.#ended(undefined);
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        this.#loading = undefined;
        this.#failed = target;
        this.#ended(error);
      },
    );
    this.#loading = { target, stop, done };
  }

  async #loadAll(
    target: HeldNames,
    work: (signal: AbortSignal) => Promise<number>,
    signal: AbortSignal,
  ): Promise<number> {
    const count = await work(signal);
    signal.throwIfAborted();
    const transaction = this.#nft.transaction();
    enterClassifier(transaction, 'scan');
    writeMarker(transaction, namesMarker, target.revision);
    await transaction.commit();
    return count;
  }

  /** Rules first, elements second: binding a map to a rule walks all its elements. */
  async #fill(names: HeldNames, signal: AbortSignal): Promise<number> {
    const counts = tableOf(names).ownCounts();
    for await (const { keyLength, count } of gently(names.lists.chunks(names.listMask))) {
      signal.throwIfAborted();
      const wireLength = Math.min(keyLength, LONG);
      counts.set(wireLength, (counts.get(wireLength) ?? 0) + count);
    }
    let transaction = this.#nft.transaction();
    addClassifierMaps(transaction, withHeadroom(counts));
    for (const rule of classifierRules()) {
      transaction.addRule(rule);
      if (transaction.byteLength < RULES_AT_ONCE) continue;
      await transaction.commit();
      signal.throwIfAborted();
      transaction = this.#nft.transaction();
    }
    await transaction.commit();
    return this.#fillMaps(gently(tableOf(names).blocks()), signal);
  }

  async #fillMaps(blocks: AsyncGenerator<NameBlock>, signal: AbortSignal): Promise<number> {
    let total = 0;
    let next = await blocks.next();
    while (next.done !== true) {
      const { wireLength } = next.value;
      total += await this.#nft.addPacked(nameMap(wireLength, 0), ofLength(wireLength));
    }
    return total;

    async function* ofLength(wireLength: number): AsyncGenerator<PackedElements> {
      while (next.done !== true && next.value.wireLength === wireLength) {
        signal.throwIfAborted();
        const { keys, masks, count } = next.value;
        yield { keys, values: masks, count };
        next = await blocks.next();
      }
    }
  }

  async #change(held: HeldNames, names: HeldNames, signal: AbortSignal): Promise<number> {
    const changes = new PackedChanges();
    let count = this.#count;
    const send = async () => {
      const { gone, come } = changes.take();
      const map = nameMap(changes.wireLength, 0);
      if (gone.count > 0) await this.#nft.deletePacked(map, [gone]);
      signal.throwIfAborted();
      if (come.count > 0) await this.#nft.addPacked(map, [come]);
      count += come.count - gone.count;
    };
    let read = 0;
    for (const change of changesBetween(held, names)) {
      if (change === 'read') {
        if (++read % BLOCKS_AT_ONCE === 0) await turn();
      } else {
        if (changes.hasOthersThan(change.wireLength)) await send();
        changes.put(change);
      }
      signal.throwIfAborted();
    }
    await send();
    return count;
  }
}

function tableOf({ names, lists, listMask }: HeldNames): NameTable {
  return new NameTable(names, lists, listMask);
}

/** What the maps must change; where only own names did, without walking all names twice. */
function changesBetween(held: HeldNames, names: HeldNames): ChangeWalk {
  return held.listMask === names.listMask
    ? ownNameChanges(held.names, names.names, names.lists, names.listMask)
    : nameChanges(tableOf(held).blocks(), tableOf(names).blocks());
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

import type { Nftables, Transaction } from 'node-nftables';
import { optimised } from '../optimised.ts';
import { addClassifier, enterClassifier, namesMarker } from './classifier.ts';
import { writeManagedForDns, writeNames } from './diff.ts';
import { emptyPolicy, type HeldNames, type HeldPolicy } from './held.ts';
import { changesOf, type NameChange } from './name-changes.ts';
import { changeMaps } from './name-changing.ts';
import { fillMaps } from './name-filling.ts';
import { dnsTable } from './name-map.ts';
import { ownNameChanges } from './own-name-changes.ts';

/** Changes of names that go into the policy's transaction. */
const CHANGES_AT_ONCE = 2000;

/** What maps hold, all of it. */
interface Loaded {
  readonly names: HeldNames;
  /** Entries. */
  readonly count: number;
}

interface Loading {
  /** What the maps shall hold in the end; may become something else meanwhile. */
  wanted: HeldNames;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** How a load ended before it was complete. */
export interface LoadFailure {
  readonly error: unknown;
  /** Whether something else was wanted by then, which may succeed. */
  readonly superseded: boolean;
}

/** What `write` has put into a transaction: one of these is to be called when its fate is known. */
export interface NameWrite {
  committed(): void;
  refused(): void;
}

/**
 * Keeps the classifier's maps. What is small goes into the transaction of the policy; what is not is loaded beside it,
 * and meanwhile every query goes to the responder, which is exact: nothing waits for lists, and nothing passes unchecked.
 * When other names are wanted meanwhile, the load goes on, and what differs then follows.
 */
export class NameLoader {
  readonly #nft: Nftables;
  readonly #ended: (failure: LoadFailure | undefined) => void;
  #held: Loaded | undefined;
  #loading: Loading | undefined;
  /** What could not be loaded: not tried again before something else is wanted. */
  #failed: HeldNames | undefined;
  /** Resolves when the fate of a transaction is known that `write` has put names into. */
  #writing: Promise<void> | undefined;

  /** `ended` is told how each load ended; undefined for one that is complete. */
  constructor(nft: Nftables, ended: (failure: LoadFailure | undefined) => void) {
    this.#nft = nft;
    this.#ended = ended;
  }

  /** Names that the classifier knows; 0 while the responder decides all. */
  get count(): number {
    return this.#loading === undefined ? (this.#held?.count ?? 0) : 0;
  }

  /** The maps of a former run are as wanted, with so many names. */
  adopt(names: HeldNames, count: number): void {
    this.#held = { names, count };
  }

  /** The table is no more what was made of it. The result takes that back, but for a load that was under way. */
  forget(): () => void {
    const [held, failed] = [this.#loading === undefined ? this.#held : undefined, this.#failed];
    this.#held = undefined;
    this.#failed = undefined;
    this.#loading?.stop.abort();
    this.#loading = undefined;
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
   * those of `before`. Until its fate is known the classifier is not entered.
   */
  write(
    transaction: Transaction,
    names: HeldNames,
    before: HeldPolicy | undefined,
    policy: HeldPolicy,
  ): NameWrite {
    const current = this.#loading?.wanted ?? this.#held?.names ?? this.#failed;
    if (current?.revision.equals(names.revision) === true) {
      writeManagedForDns(transaction, before, policy);
      return { committed: () => undefined, refused: () => undefined };
    }
    if (this.#loading === undefined && this.#held === undefined) {
      transaction.destroyTable(dnsTable);
      addClassifier(transaction);
      writeManagedForDns(transaction, emptyPolicy, policy);
      return this.#begun(() => this.#load(names));
    }
    writeManagedForDns(transaction, before, policy);
    const changes = this.#changesAtOnce(names);
    if (this.#held !== undefined && changes !== undefined) {
      const held = { names, count: this.#held.count + growth(changes) };
      writeNames(transaction, changes);
      writeComplete(transaction, held);
      return this.#begun(() => {
        this.#held = held;
      });
    }
    enterClassifier(transaction, 'undecided');
    transaction.flushSet(namesMarker);
    return this.#begun(() => {
      if (this.#loading === undefined) this.#load(names);
      else this.#loading.wanted = names;
    });
  }

  /** Holds the end of a load back until a transaction is committed or refused. */
  #begun(committed: () => void): NameWrite {
    let refused: () => void = () => undefined;
    this.#writing = new Promise((resolve) => {
      refused = () => {
        this.#writing = undefined;
        resolve();
      };
    });
    return {
      committed: () => {
        committed();
        refused();
      },
      refused,
    };
  }

  /** What differs, where that is found without walking lists, and few enough for one transaction. */
  #changesAtOnce(names: HeldNames): NameChange[] | undefined {
    const held = this.#held?.names;
    if (this.#loading !== undefined || held === undefined) return undefined;
    if (held.listMask !== 0 || names.listMask !== 0) return undefined;
    const changes = changesOf(ownNameChanges(held.names, names.names, names.lists, 0));
    return changes.length > CHANGES_AT_ONCE ? undefined : changes;
  }

  #load(names: HeldNames): void {
    const from = this.#held;
    const stop = new AbortController();
    this.#held = undefined;
    this.#failed = undefined;
    const loading: Loading = {
      wanted: names,
      stop,
      done: Promise.resolve().then(() => optimised(() => this.#loadAll(loading, from))),
    };
    this.#loading = loading;
  }

  async #loadAll(loading: Loading, from: Loaded | undefined): Promise<void> {
    const { signal } = loading.stop;
    let target = loading.wanted;
    let failure: LoadFailure | undefined;
    let loaded = from;
    let entered: HeldNames | undefined;
    try {
      for (;;) {
        // Nothing may come between this and what is decided then: a policy is not to be met by names of another.
        while (this.#writing !== undefined) await this.#writing;
        signal.throwIfAborted();
        target = loading.wanted;
        if (loaded?.names !== target) {
          loaded = await this.#bring(loaded, target, signal);
        } else if (entered !== target) {
          entered = target;
          await this.#enter(loaded);
        } else {
          break;
        }
      }
    } catch (error) {
      while (this.#writing !== undefined) await this.#writing;
      failure = { error, superseded: loading.wanted !== target };
    }
    if (signal.aborted) return;
    this.#loading = undefined;
    if (failure === undefined) this.#held = loaded;
    else if (!failure.superseded) this.#failed = target;
    this.#ended(failure);
  }

  async #bring(from: Loaded | undefined, names: HeldNames, signal: AbortSignal): Promise<Loaded> {
    if (from === undefined) return { names, count: await fillMaps(this.#nft, names, signal) };
    return { names, count: from.count + (await changeMaps(this.#nft, from.names, names, signal)) };
  }

  async #enter(loaded: Loaded): Promise<void> {
    const transaction = this.#nft.transaction();
    enterClassifier(transaction, 'scan');
    writeComplete(transaction, loaded);
    await transaction.commit();
  }
}

/** Marks the maps as complete, with what they hold and how many that is. */
function writeComplete(transaction: Transaction, { names, count }: Loaded): void {
  transaction
    .flushSet(namesMarker)
    .addElements(namesMarker, [{ key: names.revision, comment: `${count} names` }]);
}

function growth(changes: readonly NameChange[]): number {
  return changes.reduce(
    (sum, { before, after }) => sum + Number(after !== undefined) - Number(before !== undefined),
    0,
  );
}

import type { Instant } from '@khien/shared/id';
import type { Nftables, Transaction } from 'node-nftables';
import type { NameLists } from '../lists/name-lists.ts';
import { accessTable, addAccessTable } from './access-table.ts';
import { findTables } from './adopt.ts';
import {
  addClassifier,
  addClassifierChains,
  CLASSIFIER_LAYOUT,
  classifierRules,
  enterClassifier,
  namesMarker,
} from './classifier.ts';
import type { DesiredState } from './desired.ts';
import { writeManagedForDns, writeMarker, writeNames, writePolicy } from './diff.ts';
import { emptyPolicy, type HeldNames, type HeldPolicy, namesOf, policyOf, policyRevision } from './held.ts';
import { type NameChange, nameChanges } from './name-changes.ts';
import { dnsTable, LONG, nameMap } from './name-map.ts';
import { NameTable } from './name-table.ts';
import { addPolicyTable, POLICY_LAYOUT, policyMarker, policyTable } from './policy-table.ts';
import type { GuardedTable } from './table-guard.ts';

/** A transaction of rules takes about so many bytes: half of what fits a socket with the kernel's default limits. */
const RULES_AT_ONCE = 200_000;

/** Name changes that go into one transaction with the policy; with more, the responder decides meanwhile. */
const CHANGES_AT_ONCE = 2000;

export interface Brought {
  /** What the tables held before; undefined where they were new. */
  readonly before: HeldPolicy | undefined;
  readonly after: HeldPolicy;
  /** The classifier's maps could not be filled: the responder decides every query. */
  readonly incomplete: unknown;
}

/** The tables in the kernel, and what is known of them. Used by one caller at a time. */
export class KernelTables {
  readonly #nft: Nftables;
  readonly #uptime: () => number;
  #policy: HeldPolicy | undefined;
  #names: HeldNames | undefined;
  /** What fits the maps, by wire length; undefined for those of a former run. */
  #sizes: ReadonlyMap<number, number> | undefined;
  /** Names in the maps. */
  #count = 0;
  #looked = false;
  /** What could not be filled into the maps: until it is something else, the responder decides. */
  #unfilled: HeldNames | undefined;

  /** `uptime` is a steady clock in milliseconds. */
  constructor(nft: Nftables, uptime: () => number) {
    this.#nft = nft;
    this.#uptime = uptime;
  }

  get policy(): HeldPolicy | undefined {
    return this.#policy;
  }

  /** Names that the classifier knows; 0 while the responder decides all. */
  get names(): number {
    return this.#names === undefined ? 0 : this.#count;
  }

  /** Tables are no more what we made of them: the next `bring` makes them anew. The result takes that back. */
  forget(tables: readonly GuardedTable[]): () => void {
    const known = [this.#policy, this.#names, this.#unfilled] as const;
    if (tables.includes('policy') || tables.includes('access')) this.#policy = undefined;
    if (tables.includes('names')) {
      this.#names = undefined;
      this.#unfilled = undefined;
    }
    return () => {
      [this.#policy, this.#names, this.#unfilled] = known;
    };
  }

  /** Ports whose chains the kernel has deleted with their interfaces. */
  async forgetLostPorts(): Promise<void> {
    if (this.#policy === undefined) return;
    const chains = await this.#nft.listChains(accessTable);
    const ports = new Set(chains.flatMap(({ base }) => base?.devices ?? []));
    const { lan } = this.#policy;
    this.#policy = { ...this.#policy, lan: { ...lan, ports: lan.ports.filter((port) => ports.has(port)) } };
  }

  /**
   * Help addresses that tables of a former run hold.
   *
   * Reads the kernel once: tables that are as wanted are kept as they are.
   */
  async adopt(desired: DesiredState, lists: NameLists, now: Instant): Promise<readonly string[]> {
    if (this.#looked) return [];
    const policy = policyOf(desired, now, this.#uptime());
    const names = namesOf(CLASSIFIER_LAYOUT, desired, lists);
    const revisions = { policy: policyRevision(POLICY_LAYOUT, policy), names: names.revision };
    const found = await findTables(this.#nft, policy, revisions, this.#uptime);
    this.#looked = true;
    this.#policy = found.policy;
    this.#names = found.names ? names : undefined;
    this.#count = desired.names.size + (desired.listMask === 0 ? 0 : lists.count(desired.listMask));
    return found.helpAddresses;
  }

  /**
   * Makes the tables hold the desired state. The policy changes in one transaction, at once and whole; where the
   * classifier needs more than that, every query goes to the responder until its maps are filled.
   *
   * @throws NetlinkError when the kernel refuses the policy, after which all is as before
   */
  async bring(desired: DesiredState, lists: NameLists, now: Instant): Promise<Brought> {
    const before = this.#policy;
    const uptime = this.#uptime();
    const wanted = policyOf(desired, now, uptime);
    const names = namesOf(CLASSIFIER_LAYOUT, desired, lists);
    const changes = this.#changes(names);

    const transaction = this.#nft.transaction();
    const rebuild = changes === undefined;
    if (rebuild) {
      this.#sizes = withHeadroom(tableOf(names).counts());
      transaction.destroyTable(dnsTable);
      addClassifier(transaction, this.#sizes);
    }
    const after = this.#writePolicy(transaction, wanted, uptime, rebuild);
    const atOnce = changes !== undefined && changes.length <= CHANGES_AT_ONCE;
    if (atOnce) {
      if (changes.length > 0) {
        writeNames(transaction, changes);
        writeMarker(transaction, namesMarker, names.revision);
      }
      await transaction.commit();
      this.#policy = after;
      if (this.#unfilled === undefined) this.#names = names;
      this.#count += changes.reduce((sum, change) => sum + difference(change), 0);
      return { before, after, incomplete: undefined };
    }

    if (!rebuild) {
      enterClassifier(transaction, 'undecided');
      transaction.flushSet(namesMarker);
    }
    await transaction.commit();
    const held = this.#names;
    this.#policy = after;
    this.#names = undefined;
    this.#unfilled = names;
    try {
      await (held === undefined || rebuild ? this.#fill(names) : this.#change(held, names));
    } catch (incomplete) {
      return { before, after, incomplete };
    }
    this.#names = names;
    this.#unfilled = undefined;
    return { before, after, incomplete: undefined };
  }

  /** How the maps differ from what they shall hold: at most one more than fit at once. Undefined: they must be made anew. */
  #changes(names: HeldNames): NameChange[] | undefined {
    if (this.#unfilled?.revision.equals(names.revision) === true) return [];
    const held = this.#names;
    if (held === undefined) return undefined;
    const listsDiffer = held.lists.revision !== names.lists.revision;
    if (listsDiffer && (held.listMask !== 0 || names.listMask !== 0)) return undefined;
    if (held.revision.equals(names.revision)) return [];
    const changes: NameChange[] = [];
    for (const change of nameChanges(tableOf(held).blocks(), tableOf(names).blocks())) {
      changes.push(change);
      if (changes.length > CHANGES_AT_ONCE) return this.#fit(names) ? changes : undefined;
    }
    return changes;
  }

  #fit(names: HeldNames): boolean {
    const sizes = this.#sizes;
    return (
      sizes !== undefined &&
      [...tableOf(names).counts()].every(([length, count]) => count <= (sizes.get(length) ?? 0))
    );
  }

  #writePolicy(
    transaction: Transaction,
    wanted: HeldPolicy,
    uptime: number,
    newClassifier: boolean,
  ): HeldPolicy {
    const before = this.#policy;
    if (before === undefined) {
      transaction.destroyTable(policyTable).destroyTable(accessTable);
      addPolicyTable(transaction);
      addAccessTable(transaction);
    }
    const after = writePolicy(transaction, before ?? emptyPolicy, wanted, uptime);
    writeManagedForDns(transaction, newClassifier ? emptyPolicy : before, wanted);
    const revision = policyRevision(POLICY_LAYOUT, wanted);
    if (before === undefined || !policyRevision(POLICY_LAYOUT, before).equals(revision)) {
      writeMarker(transaction, policyMarker, revision);
    }
    return after;
  }

  /** Rules first, elements second: binding a map to a rule walks all its elements. */
  async #fill(names: HeldNames): Promise<void> {
    let transaction = this.#nft.transaction();
    addClassifierChains(transaction);
    for (const rule of classifierRules()) {
      transaction.addRule(rule);
      if (transaction.byteLength > RULES_AT_ONCE) {
        await transaction.commit();
        transaction = this.#nft.transaction();
      }
    }
    await transaction.commit();
    let count = 0;
    for (const { wireLength, keys, masks, count: size } of tableOf(names).blocks()) {
      count += await this.#nft.addPacked(nameMap(wireLength, 0), [{ keys, values: masks, count: size }]);
    }
    this.#count = count;
    await this.#enter(names);
  }

  async #change(held: HeldNames, names: HeldNames): Promise<void> {
    let changes: NameChange[] = [];
    const send = async () => {
      const transaction = this.#nft.transaction();
      writeNames(transaction, changes);
      await transaction.commit();
      this.#count += changes.reduce((sum, change) => sum + difference(change), 0);
      changes = [];
    };
    for (const change of nameChanges(tableOf(held).blocks(), tableOf(names).blocks())) {
      changes.push(change);
      if (changes.length === CHANGES_AT_ONCE) await send();
    }
    await send();
    await this.#enter(names);
  }

  async #enter(names: HeldNames): Promise<void> {
    const transaction = this.#nft.transaction();
    enterClassifier(transaction, 'scan');
    writeMarker(transaction, namesMarker, names.revision);
    await transaction.commit();
  }
}

function tableOf({ names, lists, listMask }: HeldNames): NameTable {
  return new NameTable(names, lists, listMask);
}

function difference({ before, after }: NameChange): number {
  return (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
}

/** A full map refuses more: leave room for a quarter more, and for a family's own names. */
function withHeadroom(counts: ReadonlyMap<number, number>): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let length = 0; length <= LONG; length++) {
    sizes.set(length, Math.ceil((counts.get(length) ?? 0) * 1.25) + 512);
  }
  return sizes;
}

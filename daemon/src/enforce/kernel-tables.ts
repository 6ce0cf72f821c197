import type { Instant } from '@khien/shared/id';
import { isNetlinkError, type Nftables } from 'node-nftables';
import { BOOT_TABLE } from '../layout.ts';
import type { NameLists } from '../lists/name-lists.ts';
import { accessTable, addAccessTable } from './access-table.ts';
import { findTables } from './adopt.ts';
import { CLASSIFIER_LAYOUT } from './classifier.ts';
import type { DesiredState } from './desired.ts';
import { writeHelpAddresses, writeMarker, writePolicy } from './diff.ts';
import { emptyPolicy, type HeldNames, type HeldPolicy, namesOf, policyOf, policyRevision } from './held.ts';
import { budgetOf, ListBudget, type Memory } from './list-budget.ts';
import { type LoadFailure, NameLoader } from './name-loader.ts';
import { addPolicyTable, POLICY_LAYOUT, policyMarker, policyTable } from './policy-table.ts';
import { type LeftServices, ServiceTable } from './service-table-state.ts';
import type { HeldServices } from './services-held.ts';
import type { GuardedTable } from './table-guard.ts';

/** A change of the policy tables that is done. */
export interface Brought {
  /** What they held before; undefined where they were new. */
  readonly before: HeldPolicy | undefined;
  readonly after: HeldPolicy;
  readonly services: { readonly before: HeldServices | undefined; readonly after: HeldServices };
}

/** What a former run left that this one shall know. */
export interface Left {
  readonly helpAddresses: readonly string[];
  readonly services: LeftServices;
}

/** The tables in the kernel, and what is known of them. Used by one caller at a time. */
export class KernelTables {
  readonly #nft: Nftables;
  readonly #memory: Memory;
  readonly #uptime: () => number;
  readonly #names: NameLoader;
  readonly services: ServiceTable;
  #budget: ListBudget;
  #leftOut: readonly string[] = [];
  /** The names of the last `bring`: the next may have the same. */
  #fitted: HeldNames | undefined;
  #policy: HeldPolicy | undefined;
  #looked = false;

  /**
   * `memory` is that of the machine before anything was loaded, `uptime` a steady clock in milliseconds; `loaded` is told how
   * each load of names ended.
   */
  constructor(
    nft: Nftables,
    memory: Memory,
    uptime: () => number,
    loaded: (failure: LoadFailure | undefined) => void,
  ) {
    this.#nft = nft;
    this.#memory = memory;
    this.#budget = new ListBudget(budgetOf(memory, 0));
    this.#uptime = uptime;
    this.#names = new NameLoader(nft, loaded);
    this.services = new ServiceTable(nft, uptime);
  }

  get policy(): HeldPolicy | undefined {
    return this.#policy;
  }

  /** Names that the classifier knows; 0 while the responder decides all. */
  get nameCount(): number {
    return this.#names.count;
  }

  /** Categories whose lists do not fit the memory that names may take, as of the last `bring`. */
  get leftOut(): readonly string[] {
    return this.#leftOut;
  }

  /** The kernel had no memory for the names: fewer fit from now on. False where there are no lists to leave out. */
  leaveMoreOut(): boolean {
    return this.#budget.shrink();
  }

  /** Resolves when no names are being loaded. */
  loaded(): Promise<void> {
    return this.#names.loaded();
  }

  /** Tables are no more what we made of them: the next `bring` makes them anew. The result takes that back. */
  forget(tables: readonly GuardedTable[]): () => void {
    const policy = this.#policy;
    if (tables.includes('policy') || tables.includes('access')) this.#policy = undefined;
    const takeBack = tables.includes('names') ? this.#names.forget() : undefined;
    const takeBackServices = tables.includes('services') ? this.services.forget() : undefined;
    return () => {
      this.#policy = policy;
      takeBack?.();
      takeBackServices?.();
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
   * Looks once what a former run left: what is as wanted is kept as it is. Returns the addresses that are there.
   *
   * @throws NetlinkError
   */
  async adopt(desired: DesiredState, lists: NameLists, now: Instant): Promise<Left> {
    if (this.#looked) return { helpAddresses: [], services: { addresses: [], openings: [] } };
    const policy = policyOf(desired, now, this.#uptime());
    const found = await findTables(this.#nft, policy, policyRevision(POLICY_LAYOUT, policy), this.#uptime);
    this.#budget = new ListBudget(budgetOf(this.#memory, found.names?.count ?? 0));
    const names = this.#fittingNames(desired, lists);
    const services = await this.services.adopt();
    this.#looked = true;
    this.#policy = found.policy;
    if (found.names?.revision.equals(names.revision) === true) this.#names.adopt(names, found.names.count);
    return { helpAddresses: found.helpAddresses, services };
  }

  /**
   * Opens the way to help addresses in the tables that a former run left, where it left any: for as long as nobody knows
   * what else they shall hold.
   *
   * @throws NetlinkError
   */
  async addHelpAddresses(addresses: readonly string[]): Promise<void> {
    const transaction = this.#nft.transaction();
    writeHelpAddresses(transaction, [], addresses);
    try {
      await transaction.commit();
    } catch (error) {
      if (!isNetlinkError(error) || error.code !== 'ENOENT') throw error;
    }
  }

  /**
   * Makes the tables hold the desired state in one transaction, at once and whole. Names that are too many for it are
   * loaded afterwards.
   *
   * @throws NetlinkError when the kernel refuses, after which all is as before
   */
  async bring(desired: DesiredState, lists: NameLists, now: Instant): Promise<Brought> {
    const before = this.#policy;
    const uptime = this.#uptime();
    const wanted = policyOf(desired, now, uptime);
    const transaction = this.#nft.transaction();
    if (before === undefined) {
      transaction.destroyTable(policyTable).destroyTable(accessTable);
      transaction.destroyTable({ family: 'inet', name: BOOT_TABLE });
      addPolicyTable(transaction);
      addAccessTable(transaction);
    }
    const after = writePolicy(transaction, before ?? emptyPolicy, wanted, uptime);
    const revision = policyRevision(POLICY_LAYOUT, wanted);
    if (before === undefined || !policyRevision(POLICY_LAYOUT, before).equals(revision)) {
      writeMarker(transaction, policyMarker, revision);
    }
    const names = this.#fittingNames(desired, lists);
    const write = this.#names.write(transaction, names, before, wanted);
    const services = this.services.write(transaction, desired.services, after, uptime);
    try {
      await transaction.commit();
    } catch (error) {
      write.refused();
      throw error;
    }
    this.#policy = after;
    write.committed();
    return { before, after, services: services() };
  }

  #fittingNames(desired: DesiredState, lists: NameLists): HeldNames {
    const fitting = this.#budget.fit(desired.listCategories, lists);
    this.#leftOut = fitting.leftOut;
    const known = this.#fitted;
    if (
      known?.names === desired.names &&
      known.lists === lists &&
      known.listMask === fitting.mask &&
      known.roomForAll === fitting.roomForAll
    )
      return known;
    this.#fitted = namesOf(CLASSIFIER_LAYOUT, desired.names, fitting, lists);
    return this.#fitted;
  }
}

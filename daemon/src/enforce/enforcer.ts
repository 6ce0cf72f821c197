import { codeOf } from '@khien/shared/error';
import type { Mac } from '@khien/shared/id';
import type { Used } from '@khien/shared/policy';
import { type Conntrack, isNetlinkError, type Nftables } from 'node-nftables';
import type { Clock } from '../clock/clock.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import type { LanSideSource } from '../devices/lan-side.ts';
import { STUDY } from '../layout.ts';
import type { Part } from '../lifecycle.ts';
import type { NameLists } from '../lists/name-lists.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import { trackedServices } from '../services/service-rules.ts';
import { borrowers } from './access-table.ts';
import { ApplyQueue } from './apply-queue.ts';
import { type KernelAttempt, takeAttempts } from './attempt-memory.ts';
import { type Borrowed, takeBorrowed } from './borrowed-address.ts';
import { type DesiredState, desiredState, withoutTimes } from './desired.ts';
import type { HeldPolicy } from './held.ts';
import { HelpAddresses } from './help-addresses.ts';
import type { Kernel } from './kernel.ts';
import { type Brought, KernelTables } from './kernel-tables.ts';
import type { LoadFailure } from './name-loader.ts';
import { lostPorts, mayBeOurMistake, refusal } from './refusal.ts';
import { RememberedNames } from './remembered-names.ts';
import type { Counted, CountedServices } from './service-table-state.ts';
import { newlyRefused } from './services-held.ts';
import { type EnforcementStatus, readStatus } from './status.ts';
import { type GuardedTable, guarded, TableGuard } from './table-guard.ts';

/**
 * What the enforcer tells beside its log.
 *
 * - `TABLES_RESTORED` another program deleted or changed `tables` of ours; they are there again.
 * - `LISTS_LEFT_OUT` the lists of `categories` do not fit the memory that names may take: their names are not blocked.
 * - `CLASSIFIER_INCOMPLETE` the maps of names could not be filled: the responder decides every query of managed devices.
 * - `ENFORCE_FAILED` what changed by itself (time, the LAN's ports) could not be brought into the kernel; tried again.
 * - `CONNECTIONS_NOT_CUT` connections of devices that lost access are still known to conntrack.
 */
export type EnforcementReport =
  | 'TABLES_RESTORED'
  | 'LISTS_LEFT_OUT'
  | 'CLASSIFIER_INCOMPLETE'
  | 'ENFORCE_FAILED'
  | 'CONNECTIONS_NOT_CUT';

export interface EnforcerDeps {
  readonly clock: Clock;
  readonly devices: LanDevices;
  readonly side: LanSideSource;
  /** Minutes used of the quotas of a policy, which need not be in force yet. */
  readonly used: (inForce: InForce) => Used;
  /** The lists in force now. */
  readonly lists: () => NameLists;
  /** What is known of services by address. */
  readonly services: ServiceRegistry;
  readonly log: Log;
  readonly report: (code: EnforcementReport, detail: Readonly<Record<string, unknown>>) => void;
  readonly kernel: Kernel;
}

/** Milliseconds after which what failed by itself is tried again. */
const RETRY = 5000;
/** The clock is compared so often with the leases: it may have been set meanwhile. */
const LONGEST_WAIT = 60_000;

/** What was learned is brought into the kernel so long after, milliseconds, with what is learned meanwhile. */
const LEARNED_WITHIN = 300;
/** While more is learned all the time, it is brought so seldom: whoever lists the ruleset begins again at each change. */
const LEARNED_EVERY = 5000;

/** More than a device has that does not make them up. */
const FEW_ADDRESSES = 16;

/** So often a load of names is begun again that failed for what need not last. */
const RELOADS = 3;

interface Opened {
  readonly nft: Nftables;
  readonly conntrack: Conntrack;
  readonly tables: KernelTables;
  readonly guard: TableGuard;
}

/** Holds the policy in the kernel. What it made outlives the process. */
export class Enforcer implements Part {
  readonly name = 'enforce';
  readonly #deps: EnforcerDeps;
  /** What to bring is asked when its turn has come: what is in force may be another by then. */
  readonly #queue: ApplyQueue<() => InForce | undefined>;
  readonly #help = new HelpAddresses();
  readonly #names: RememberedNames;
  #opened: Opened | undefined;
  #inForce: InForce | undefined;
  /** Tables of ours that somebody else has changed. */
  readonly #touched = new Set<GuardedTable>();
  #portsMayBeLost = false;
  #reloads = 0;
  /** Categories that were told to be left out. */
  #leftOut: readonly string[] = [];
  #hindered: string | undefined;
  readonly #madeListeners = new Set<() => void>();
  #stopListening: () => void = () => undefined;
  #cancelTimer: () => void = () => undefined;
  #cancelLearned: (() => void) | undefined;
  /** When what was learned was last brought, by uptime. */
  #learnedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: EnforcerDeps) {
    this.#deps = deps;
    this.#names = new RememberedNames((error) => deps.log.error('a list cannot be read', error));
    this.#queue = new ApplyQueue((wanted) => this.#bring(wanted()));
  }

  /** Opens the ways into the kernel, and changes nothing there. Throws NetlinkError. */
  // biome-ignore lint/suspicious/useAwait: a Part's start is asynchronous
  async start(): Promise<void> {
    const { kernel, side, services, clock, devices } = this.#deps;
    const nft = kernel.nftables();
    const guard = new TableGuard(kernel, {
      commits: () => nft.commits,
      touched: (tables) => {
        for (const table of tables) this.#touched.add(table);
        this.#again();
      },
    });
    const tables = new KernelTables(nft, kernel.memory(), kernel.uptime, (failure) => this.#loaded(failure));
    this.#opened = { nft, conntrack: kernel.conntrack(), tables, guard };
    guard.start();
    const stopListening = [
      side.onChange(() => {
        this.#portsMayBeLost = true;
        this.#again();
      }),
      services.onChange(() => this.#learned()),
      services.study.onChange(() => this.#learned()),
      devices.onChange(() => this.#addressesChanged()),
      clock.onSet(() => this.#again()),
    ];
    this.#stopListening = () => {
      for (const stop of stopListening) stop();
    };
  }

  /** Closes everything; the tables stay and enforce. */
  async stop(): Promise<void> {
    this.#stopListening();
    // Without us nobody answers what the classifier, half loaded, cannot tell.
    await this.loaded();
    this.#cancelTimer();
    this.#cancelLearned?.();
    await this.#opened?.guard.stop();
    this.#opened?.nft.close();
    this.#opened?.conntrack.close();
    this.#opened = undefined;
  }

  /**
   * Brings what is in force into the kernel, whole or not at all. Of those that come while another is being applied, the
   * last is applied and all get its outcome. When it resolves, devices that lost access are cut off. Many names, as of
   * lists, are loaded afterwards: until `loaded` the responder decides every query of managed devices.
   *
   * @throws KhienError `ENFORCE_REFUSED`, `ENFORCE_NO_PERMISSION`, `ENFORCE_UNSUPPORTED`; what was enforced still is
   */
  async apply(inForce: InForce): Promise<void> {
    try {
      await this.#queue.add(() => inForce);
    } catch (error) {
      throw refusal(error);
    }
  }

  /** Calls back when the tables of the policy were made anew, and know nothing that a packet tells; the result unsubscribes. */
  onTablesMade(listener: () => void): () => void {
    this.#madeListeners.add(listener);
    return () => this.#madeListeners.delete(listener);
  }

  /** Looks at the times again, because what was used changed them. */
  timesChanged(): void {
    this.#again();
  }

  /** Resolves when no names are being loaded into the kernel. */
  async loaded(): Promise<void> {
    do {
      await this.#queue.idle();
      await this.#opened?.tables.loaded();
    } while (!this.#queue.isIdle);
  }

  /** Lets devices without a lease reach addresses of help names; resolves when they can. Throws as `apply` does. */
  async allowHelpAddresses(addresses: readonly string[]): Promise<void> {
    if (!this.#help.add(addresses)) return;
    try {
      await this.#renew();
    } catch (error) {
      throw refusal(error);
    }
  }

  /**
   * Opens what was learned for study, where somebody studies: resolves when it is open. Else it is brought in a moment, with what
   * else was learned. Throws as `apply` does.
   */
  async openStudy(): Promise<void> {
    if (this.#opened?.tables.services.lacks(this.#deps.services.study.openings()) !== true) return;
    try {
      await this.#renew();
    } catch (error) {
      throw refusal(error);
    }
  }

  /** Takes what devices tried to get round the rules out of the kernel's memory. Throws NetlinkError. */
  takeAttempts(): Promise<KernelAttempt[]> {
    return this.#opened === undefined ? Promise.resolve([]) : takeAttempts(this.#opened.nft);
  }

  /** Takes who sent from addresses of managed devices out of the kernel's memory. Throws NetlinkError. */
  takeBorrowed(): Promise<Borrowed[]> {
    return this.#opened === undefined ? Promise.resolve([]) : takeBorrowed(this.#opened.nft, borrowers);
  }

  /** What devices exchanged with the outside, or tried to, by what is there. Throws NetlinkError. */
  countedServices(what: Counted): Promise<CountedServices | undefined> {
    return this.#opened?.tables.services.counted(what) ?? Promise.resolve(undefined);
  }

  /** `enforcing`, or the code of what hinders it. */
  get state(): string {
    return this.#hindered ?? (this.#opened?.tables.policy === undefined ? 'ENFORCE_NOTHING' : 'enforcing');
  }

  /** Blocked categories for whose names there is no memory. */
  get leftOut(): readonly string[] {
    return this.#opened?.tables.leftOut ?? [];
  }

  /** What `khiend status` prints. Throws NetlinkError. */
  async status(): Promise<EnforcementStatus> {
    const held = this.#opened?.tables.policy;
    return {
      enforcement: this.state,
      names: this.#opened?.tables.nameCount ?? 0,
      leftOut: this.leftOut,
      ...(await readStatus(this.#opened?.nft, held, this.#deps.kernel.uptime())),
    };
  }

  async #bring(inForce: InForce | undefined): Promise<void> {
    if (this.#opened === undefined) return;
    const { tables, conntrack, guard } = this.#opened;
    if (inForce === undefined) return tables.addHelpAddresses(this.#help.list());
    const lists = this.#deps.lists();
    const touched = [...this.#touched];
    this.#touched.clear();
    const help = this.#help.list();
    let next = this.#deps.clock.now() + RETRY;
    try {
      tables.forget(touched);
      if (this.#portsMayBeLost) await tables.forgetLostPorts();
      this.#portsMayBeLost = false;
      if (this.#inForce !== undefined && losesHelp(this.#inForce, inForce)) this.#help.clear();
      const { desired, brought } = await guard.during(() => this.#bringDesired(inForce, lists, tables));
      void guard.during(() => tables.loaded(), ['names']);
      if (brought.before === undefined) for (const listener of this.#madeListeners) listener();
      this.#inForce = inForce;
      this.#hindered = undefined;
      next = desired.nextTransition ?? this.#deps.clock.now() + LONGEST_WAIT;
      await this.#cut(conntrack, brought);
      if (touched.length > 0) this.#tellRestored(touched);
      this.#tellLeftOut(tables.leftOut);
    } catch (error) {
      this.#hindered = codeOf(refusal(error));
      this.#help.add(help);
      for (const table of touched) this.#touched.add(table);
      throw error;
    } finally {
      this.#wakeAt(next);
    }
  }

  async #bringDesired(
    inForce: InForce,
    lists: NameLists,
    tables: KernelTables,
  ): Promise<{ desired: DesiredState; brought: Brought }> {
    const { clock, log, services } = this.#deps;
    if (inForce !== this.#inForce) {
      services.track(trackedServices(inForce.policy));
      services.study.follow(inForce.policy);
    }
    services.expire();
    let desired = this.#desire(inForce, lists, []);
    const left = await tables.adopt(desired, lists, clock.now());
    services.adopt(left.services.addresses);
    services.study.adopt(left.services.openings);
    const { addresses, openings } = left.services;
    if (this.#help.add(left.helpAddresses) || addresses.length + openings.length > 0) {
      desired = this.#desire(inForce, lists, []);
    }
    try {
      return { desired, brought: await tables.bring(desired, lists, clock.now()) };
    } catch (error) {
      if (!mayBeOurMistake(error)) throw error;
      const lost = lostPorts(error, desired.lan.ports);
      log.warn(`the kernel refused a change, the tables are made anew: ${String(error)}`);
      const takeBack = tables.forget(['names', 'policy', 'access', 'services']);
      desired = this.#desire(inForce, lists, lost);
      if (lost.length > 0) desired = { ...desired, nextTransition: clock.now() + RETRY };
      try {
        return { desired, brought: await tables.bring(desired, lists, clock.now()) };
      } catch {
        takeBack();
        throw error;
      }
    }
  }

  #desire(inForce: InForce, lists: NameLists, lostPorts: readonly string[]): DesiredState {
    const lan = this.#deps.side.current();
    const desired = desiredState(inForce, {
      now: this.#deps.clock.now(),
      lan: { ...lan, ports: lan.ports.filter((port) => !lostPorts.includes(port)) },
      helpAddresses: this.#help.list(),
      addressesOf: (mac) => this.#deps.devices.addressesOf(mac),
      used: this.#deps.used(inForce),
      serviceAddresses: this.#deps.services.addresses(),
      study: this.#deps.services.study.openings(),
      ownNames: (of, mask) => this.#names.of(of, lists, mask),
    });
    return this.#deps.clock.known() ? desired : withoutTimes(desired);
  }

  #tellLeftOut(leftOut: readonly string[]): void {
    if (leftOut.join() === this.#leftOut.join()) return;
    this.#leftOut = leftOut;
    if (leftOut.length === 0) return;
    this.#deps.log.warn(
      `there is no memory for the lists of ${leftOut.join(', ')}: their names are not blocked`,
    );
    this.#deps.report('LISTS_LEFT_OUT', { categories: leftOut });
  }

  #tellRestored(touched: readonly GuardedTable[]): void {
    const tables = touched.map((table) => `${guarded[table].family} ${guarded[table].name}`);
    this.#deps.log.warn(`another program deleted or changed ${tables.join(', ')}; it is there again`);
    this.#deps.report('TABLES_RESTORED', { tables });
  }

  /**
   * A load of names has ended. What stopped it may be that another program took the table away, that a map is full, or
   * that other names were wanted meanwhile: then once more. Where memory is short, once more with fewer lists.
   */
  #loaded(failure: LoadFailure | undefined): void {
    if (failure === undefined) {
      this.#reloads = 0;
      return;
    }
    const { error, superseded } = failure;
    const isShort = isNetlinkError(error, 'ENOMEM') && this.#opened?.tables.leaveMoreOut() === true;
    if (isShort || ((superseded || mayBeOurMistake(error)) && this.#reloads < RELOADS)) {
      if (!isShort) this.#reloads++;
      this.#deps.log.warn(`names could not be loaded, all are loaded anew: ${String(error)}`);
      this.#opened?.tables.forget(['names']);
      this.#again();
      return;
    }
    this.#deps.log.error('names could not be loaded; the responder decides every query', error);
    this.#deps.report('CLASSIFIER_INCOMPLETE', { error: codeOf(error) });
  }

  /** Ends the connections of devices that have no access any more, of those that were not managed before, and those with
   * services that are refused now. */
  async #cut(conntrack: Conntrack, { before, after, services }: Brought): Promise<void> {
    const { devices, log, report } = this.#deps;
    try {
      const closed = devices.list().flatMap(({ mac }) => (isClosedNow(mac, before, after) ? [mac] : []));
      const studious = beginStudy(before, after);
      for (const mac of [...lostAccess(before, after), ...closed]) {
        if (studious.has(mac)) continue;
        await deleteAll(conntrack, devices.addressesOf(mac));
      }
      for (const mac of studious) {
        const open = services.after.open.get(services.after.devices.get(mac) ?? '')?.keys() ?? [];
        await conntrack.deleteOthers(devices.addressesOf(mac), [...open, ...services.after.helpAddresses]);
      }
      const taken = [...after.ownedAddresses.keys()].filter((address) => {
        const owner = devices.byAddress(address);
        if (before === undefined || before.ownedAddresses.has(address) || owner === undefined) return false;
        return !after.leases.has(owner);
      });
      await deleteAll(conntrack, taken);
      for (const [mac, addresses] of newlyRefused(services.before, services.after)) {
        await conntrack.deleteBetween(devices.addressesOf(mac), addresses);
      }
    } catch (error) {
      log.error('connections could not be cut', error);
      report('CONNECTIONS_NOT_CUT', { error: codeOf(error) });
    }
  }

  /** Addresses of services were learned: they come into the kernel in a moment. */
  #learned(): void {
    const { clock, kernel } = this.#deps;
    const delay = Math.max(this.#learnedAt + LEARNED_EVERY - kernel.uptime(), LEARNED_WITHIN);
    this.#cancelLearned ??= clock.after(delay, () => {
      this.#cancelLearned = undefined;
      this.#learnedAt = kernel.uptime();
      this.#again();
    });
  }

  /** A managed device has another address: nobody else may use it, and what has gone out under it without a lease is cut. */
  #addressesChanged(): void {
    const held = this.#opened?.tables.policy;
    if (held === undefined) return;
    const { devices } = this.#deps;
    const owned = [...held.devices.keys()].flatMap((mac) => devices.addressesOf(mac));
    const isSame =
      owned.length === held.ownedAddresses.size && owned.every((each) => held.ownedAddresses.has(each));
    if (!isSame) this.#again();
  }

  /** Brings what is in force again, because something beside it changed. */
  #again(): void {
    const { log, report } = this.#deps;
    this.#renew().catch((error: unknown) => {
      log.error('the policy in force could not be renewed in the kernel', error);
      report('ENFORCE_FAILED', { error: codeOf(refusal(error)) });
    });
  }

  /** Brings what waits, or else what will be in force when its turn has come. */
  #renew(): Promise<void> {
    return this.#queue.add(this.#queue.waiting ?? (() => this.#inForce));
  }

  #wakeAt(instant: number): void {
    this.#cancelTimer();
    const delay = Math.min(Math.max(instant - this.#deps.clock.now(), 0), LONGEST_WAIT);
    this.#cancelTimer = this.#deps.clock.after(delay, () => this.#again());
  }
}

/** Deletes what conntrack knows of these addresses. Each takes a look at all entries, in the kernel; for many, one is taken here. */
async function deleteAll(conntrack: Conntrack, addresses: readonly string[]): Promise<void> {
  if (addresses.length > FEW_ADDRESSES) await conntrack.deleteOthers(addresses, []);
  else for (const address of addresses) await conntrack.deleteAddress(address);
}

/** Also devices for which ways round the rules are closed now: what is answered already is not looked at again. */
function lostAccess(before: HeldPolicy | undefined, after: HeldPolicy): Mac[] {
  const closedNow = new Set(after.protectedDevices);
  for (const mac of before?.protectedDevices ?? []) closedNow.delete(mac);
  return [...after.devices.keys()].filter((mac) => {
    if (before === undefined) return !after.leases.has(mac) || closedNow.has(mac);
    if (!before.devices.has(mac) || closedNow.has(mac)) return true;
    return before.leases.has(mac) && !after.leases.has(mac);
  });
}

/** Whether nobody manages the device, and it is kept closed as a stranger from now on. */
function isClosedNow(mac: Mac, before: HeldPolicy | undefined, after: HeldPolicy): boolean {
  if (after.known === null || after.known.includes(mac)) return false;
  return before === undefined || before.known === null || before.known.includes(mac);
}

/** Devices with access that study from now on, and keep what they have to do with that. */
function beginStudy(before: HeldPolicy | undefined, after: HeldPolicy): Set<Mac> {
  return new Set(
    [...after.devices.keys()].filter((mac) => {
      if (!studies(after, mac) || !after.leases.has(mac)) return false;
      return before === undefined || (before.devices.has(mac) && !studies(before, mac));
    }),
  );
}

/** Whether only what study needs is open to a device. */
function studies({ devices, profiles }: HeldPolicy, mac: Mac): boolean {
  return ((profiles.get(devices.get(mac) ?? '') ?? 0) & STUDY) !== 0;
}

/** Whether a help name goes, so that the addresses that were learned may be of it alone. */
function losesHelp(before: InForce, after: InForce): boolean {
  const names = new Set(after.helpNames);
  return before.helpNames.some((name) => !names.has(name));
}

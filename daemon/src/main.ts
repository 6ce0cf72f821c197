import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { State } from '@khien/shared/topic';
import { Rtnetlink } from 'node-nftables';
import { BlockedBursts } from './activity/blocked-bursts.ts';
import { BootGuard } from './boot/boot-guard.ts';
import { BypassWatch } from './bypass/bypass-watch.ts';
import { machineStart, machineUptime } from './clock/machine.ts';
import { SavedTime } from './clock/saved-time.ts';
import { SystemClock } from './clock/system-clock.ts';
import { type Config, readAuthority } from './config.ts';
import { ControlSocket, controlPath } from './control/control-socket.ts';
import { Place } from './control/place.ts';
import { BorrowedAddresses } from './devices/borrowed-addresses.ts';
import { DeviceMemory } from './devices/device-memory.ts';
import { DeviceWatch } from './devices/device-watch.ts';
import { LanSideWatch } from './devices/lan-side-watch.ts';
import { NeighbourProbe } from './devices/neighbour-probe.ts';
import { verifiedAfter } from './devices/neighbour-settings.ts';
import { Newcomers } from './devices/newcomers.ts';
import { Responder } from './dns/responder.ts';
import { DocumentFiles } from './documents/document-files.ts';
import { Documents } from './documents/documents.ts';
import { Enforcer } from './enforce/enforcer.ts';
import { linux } from './enforce/kernel.ts';
import { explain } from './explain/explain.ts';
import { lookAtKernel } from './explain/kernel-side.ts';
import { HelpWatch } from './help/help-watch.ts';
import { type Part, startAll, stopAll } from './lifecycle.ts';
import { downloadBy } from './lists/download/download.ts';
import { ListFolder } from './lists/list-folder.ts';
import { ListUpdates } from './lists/list-updates.ts';
import type { Log } from './log.ts';
import { Outbox } from './outbox/outbox.ts';
import type { InForce } from './policy/in-force.ts';
import { Portal } from './portal/portal.ts';
import { ServiceRegistry } from './services/service-registry.ts';
import { Services } from './services/services.ts';
import type { Status } from './status.ts';
import { Belongings } from './uplink/belongings.ts';
import { CloudLink } from './uplink/cloud-link.ts';
import { IdentityFile, trustOf } from './uplink/identity-file.ts';
import { StatePublisher } from './uplink/state-publisher.ts';
import { Uplink } from './uplink/uplink.ts';
import { childStandings } from './usage/child-standing.ts';
import { UsageFile } from './usage/usage-file.ts';
import { UsageWatch } from './usage/usage-watch.ts';
import { version } from './version.ts';

/** More events than a month without the cloud makes in a busy home. */
const OUTBOX_CAPACITY = 10_000;

/** What is shipped beside the daemon. The command in the path may be a link to the bundle. */
function besideTheBundle(file: string): string {
  return join(dirname(realpathSync(process.argv[1] ?? '.')), file);
}

/** The list of names by category to begin with: the configured one, or the one that is shipped. */
export function listPath(config: Config): string {
  return config.list ?? besideTheBundle('starter.khl');
}

/** Where downloaded lists are. */
export function listFolder(config: Config): ListFolder {
  return new ListFolder(join(config.stateFolder, 'lists'));
}

/** The whole daemon: makes its parts, wires them, and is the only place that knows them all. */
export class Daemon {
  readonly #config: Config;
  readonly #log: Log;
  readonly #clock: SystemClock;
  readonly #outbox: Outbox;
  readonly #side: LanSideWatch;
  readonly #devices: DeviceWatch;
  readonly #newcomers: Newcomers;
  readonly #enforcer: Enforcer;
  readonly #documents: Documents;
  readonly #lists: ListUpdates;
  readonly #usage: UsageWatch;
  readonly #link: CloudLink;
  readonly #identityFile: IdentityFile;
  readonly #belongings: Belongings;
  readonly #parts: readonly Part[];
  #startedAt = 0;

  /** @param moved told when the router has come into another home: this daemon is to be stopped, and a new one started */
  constructor(config: Config, log: Log, moved: () => void) {
    this.#config = config;
    this.#log = log;
    this.#identityFile = new IdentityFile(config.stateFolder);
    this.#belongings = new Belongings(config, log);
    const clock = new SystemClock(config.timeSynchronised, {
      saved: new SavedTime(join(config.stateFolder, 'clock.json'), log),
    });
    this.#clock = clock;
    const route = new Rtnetlink();
    const authority =
      config.cloud.authority === undefined ? undefined : readAuthority(config.cloud.authority);

    this.#outbox = new Outbox({
      folder: join(config.stateFolder, 'outbox'),
      clock,
      log,
      capacity: OUTBOX_CAPACITY,
    });
    this.#side = new LanSideWatch({ route, interface: config.lan.interface, log });
    this.#devices = new DeviceWatch({
      route,
      side: this.#side,
      leaseFile: config.dhcpLeases,
      noteFolder: join(config.runFolder, 'dhcp'),
      clock,
      log,
      found: (mac, hostname, fingerprint) =>
        this.#outbox.putVolatile({ kind: 'device-found', mac, hostname, fingerprint }),
    });
    let told: Promise<void> = Promise.resolve();
    this.#newcomers = new Newcomers({
      devices: this.#devices,
      memory: new DeviceMemory({ path: join(config.stateFolder, 'devices.json'), clock, log }),
      inForce: () => this.#documents.inForce,
      onPolicy: (listener) => this.#documents.onChange(listener),
      clock,
      log,
      emit: (event) => {
        // In order: what a device looks like comes after that it is there.
        told = told
          .then(() => this.#outbox.put(event))
          .catch((error: unknown) => log.error('an event could not be stored', error));
      },
    });
    const registry = new ServiceRegistry(linux.uptime);
    this.#enforcer = new Enforcer({
      kernel: linux,
      clock,
      devices: this.#devices,
      side: this.#side,
      used: (inForce) => this.#usage.usedBy(inForce),
      lists: () => this.#lists.current,
      services: registry,
      log,
      report: (code, detail) => this.#report(code, JSON.stringify(detail)),
    });
    this.#documents = new Documents({
      files: new DocumentFiles(config.stateFolder, log),
      log,
      apply: (inForce) => this.#enforcer.apply(this.#newcomers.extend(inForce)),
      report: (event) => this.#outbox.put(event),
      clock,
      issued: (at) => clock.notBefore(at),
    });
    const inForce = () => this.#newcomers.extend(this.#documents.inForce);
    const onInForce = (listener: () => void): (() => void) => {
      const stop = [this.#documents.onChange(listener), this.#newcomers.onChange(listener)];
      return () => {
        for (const each of stop) each();
      };
    };
    this.#newcomers.onChange(() => {
      this.#enforcer
        .apply(inForce())
        .catch((error: unknown) => log.error('a new device could not be brought into the kernel', error));
    });
    this.#lists = new ListUpdates({
      folder: listFolder(config),
      shipped: listPath(config),
      wanted: () => this.#documents.lists,
      onWanted: (listener) => this.#documents.onChange(listener),
      cloud: { url: config.cloud.url, authority: config.cloud.authority },
      download: downloadBy(besideTheBundle('list-download.cjs')),
      clock,
      log,
      report: (code, detail) => this.#report(code, detail),
    });
    this.#lists.onChange(() => {
      if (!inForce().policyKnown) return;
      this.#enforcer
        .apply(inForce())
        .catch((error: unknown) => log.error('a new list could not be brought into the kernel', error));
    });
    const bursts = new BlockedBursts({ clock, inForce, emit: (event) => this.#outbox.putVolatile(event) });
    const services = new Services({
      clock,
      uptime: linux.uptime,
      registry,
      inForce,
      counted: (what) => this.#enforcer.countedServices(what),
      openStudy: () => this.#enforcer.openStudy(),
      devices: this.#devices,
      resolver: config.resolver,
    });
    const probe = new NeighbourProbe();
    const borrowed = new BorrowedAddresses({
      clock,
      inForce,
      devices: this.#devices,
      take: () => this.#enforcer.takeBorrowed(),
      verify: (address) =>
        probe.ask(address.startsWith('fe80:') ? `${address}%${config.lan.interface}` : address),
      verifiedAfter: () => verifiedAfter(config.lan.interface),
      impostor: (mac, device) => this.#newcomers.impostor(mac, device),
    });
    const bypass = new BypassWatch({
      clock,
      log,
      inForce,
      sources: [() => this.#enforcer.takeAttempts(), () => services.attempts(), () => borrowed.attempts()],
      emit: (event) => this.#outbox.putVolatile(event),
    });
    this.#usage = new UsageWatch({
      clock,
      uptime: machineUptime,
      machineStart: machineStart(),
      counters: services,
      inForce,
      onPolicy: onInForce,
      files: {
        memory: new UsageFile(join(config.runFolder, 'usage.json')),
        flash: new UsageFile(join(config.stateFolder, 'usage.json')),
      },
      emit: (event) => this.#outbox.putVolatile(event),
      damaged: (detail) => this.#report('STORE_REBUILT', detail),
      log,
    });
    this.#usage.onChange(() => this.#enforcer.timesChanged());
    const responder = new Responder({
      used: (inForce) => this.#usage.usedBy(inForce),
      clock,
      log,
      devices: this.#devices,
      side: this.#side,
      inForce,
      lists: () => this.#lists.current,
      allowHelpAddresses: (addresses) => this.#enforcer.allowHelpAddresses(addresses),
      blocked: (hit) => bursts.hit(hit),
      odd: (mac) => bypass.oddQuery(mac),
      answered: (name, mac, response, rewritten) => services.learn(name, mac, response, rewritten),
      resolver: config.resolver,
    });
    this.#enforcer.onTablesMade(() => responder.showLife());
    this.#link = new CloudLink({
      identityFile: this.#identityFile,
      log,
      enrolment: { cloud: { url: config.cloud.url, authority }, clock, model: config.model, daemon: version },
      // Where nobody is managed, the way to the page that shows the claim code must be there all the same.
      unclaimed: (identity, damaged) => this.#documents.restore(identity && trustOf(identity), !damaged),
      belongings: this.#belongings,
      moved,
      uplinkFor: async (identity, privateKey, told) => {
        await this.#documents.restore(trustOf(identity), identity.waiting === true);
        return new Uplink({
          identity,
          privateKey,
          outbox: this.#outbox,
          clock,
          log,
          daemon: version,
          versions: () => this.#documents.versions,
          hashes: () => this.#documents.hashes,
          state: () => this.#state(),
          stateTold: (state) => publisher.told(state),
          receive: (bytes) => this.#documents.receive(bytes),
          ...told,
          longestBackOffMs: config.cloud.longestBackOff * 1000,
        });
      },
    });
    const guard = new BootGuard({
      path: join(config.stateFolder, 'boot.nft'),
      lan: config.lan.interface,
      clock,
      log,
      inForce,
      onChange: onInForce,
    });
    const help = new HelpWatch({
      clock,
      log,
      inForce,
      onChange: (listener) => this.#documents.onChange(listener),
      allow: (addresses) => {
        guard.found(addresses);
        return this.#enforcer.allowHelpAddresses(addresses);
      },
      resolver: config.resolver,
    });
    const portal = new Portal({
      clock,
      log,
      devices: this.#devices,
      side: this.#side,
      inForce,
      used: this.#usage.used,
      claimCode: () => this.#link.claimCode,
      waiting: () => this.#link.waiting && !this.#documents.inForce.policyKnown,
      connected: () => this.#link.connected,
      parentsUrl: config.cloud.url,
      submit: (event) => this.#outbox.put(event),
    });
    const publisher = new StatePublisher({
      clock,
      state: () => this.#state(),
      publish: () => this.#link.publishState(),
      changes: [
        (listener) => this.#devices.onChange(listener),
        onInForce,
        (listener) => this.#lists.onChange(listener),
        (listener) => this.#usage.onChange(listener),
      ],
    });
    const explained = {
      clock,
      inForce,
      versions: () => this.#documents.versions,
      lists: () => this.#lists.current,
      used: (of: InForce) => this.#usage.usedBy(of),
      devices: this.#devices,
      provisional: () => this.#newcomers.provisional(),
      enforcement: () => this.#enforcer.state,
      kernel: () => lookAtKernel(log),
    };
    this.#parts = [
      new Place(),
      clock,
      this.#outbox,
      // A list that is damaged is done without: services and own names still hold.
      this.#lists,
      this.#side,
      this.#devices,
      // Before the stored policy: it says for whom else that holds.
      this.#newcomers,
      this.#enforcer,
      // Before what it decides is asked for.
      this.#usage,
      // Before the link, which tells it of each state that is on its way.
      publisher,
      // Before whoever answers: it brings the stored policy into force.
      this.#link,
      bursts,
      services,
      bypass,
      responder,
      guard,
      help,
      portal,
      new ControlSocket({
        path: controlPath(config.runFolder),
        log,
        answer: (request) => (request.ask === 'status' ? this.#status() : explain(request, explained)),
      }),
    ];
  }

  /**
   * @throws KhienError `ALREADY_RUNNING`, `ENFORCE_…`, `IDENTITY_DAMAGED`; what had started is stopped again
   */
  async start(): Promise<void> {
    this.#startedAt = this.#clock.now();
    // Where flash takes nothing, all that is enforced is enforced from memory.
    await mkdir(this.#config.stateFolder, { recursive: true, mode: 0o700 }).catch((error: unknown) =>
      this.#log.error('the state folder cannot be made', error),
    );
    await mkdir(this.#config.runFolder, { recursive: true, mode: 0o700 }).catch((error: unknown) =>
      this.#log.error('the run folder cannot be made', error),
    );
    // One that is damaged is told of where it is needed.
    const identity = await this.#identityFile.load().catch(() => undefined);
    if (identity !== undefined) await this.#belongings.settle(identity.router);
    await startAll(this.#parts);
    this.#report('STARTED', version);
    this.#log.info(`khiend ${version} is up`);
  }

  /** Leaves the rules in the kernel. */
  stop(): Promise<void> {
    this.#documents.stop();
    return stopAll(this.#parts);
  }

  #report(code: string, detail: string): void {
    this.#outbox.put({ kind: 'router', code, detail: detail.slice(0, 500) }).catch((error: unknown) => {
      this.#log.error('an event could not be stored', error);
    });
  }

  #state(): State {
    return {
      at: this.#clock.now(),
      timeSource: this.#clock.source(),
      daemon: version,
      inForce: this.#documents.versions,
      enforcement: this.#enforcer.state,
      devices: [...this.#devices.list()],
      usage: this.#usage.today(),
      lists: this.#listsInForce(),
    };
  }

  #listsInForce(): State['lists'] {
    const { inForce } = this.#lists;
    return inForce && { ...inForce, leftOut: [...this.#enforcer.leftOut] };
  }

  #strangers(): Pick<Status, 'quarantined' | 'provisional'> {
    const { inForce } = this.#documents;
    const names = new Map(inForce.policy.devices.map(({ id, name }) => [id, name]));
    return {
      quarantined: this.#devices.list().flatMap(({ mac }) => (inForce.isQuarantined(mac) ? [mac] : [])),
      provisional: this.#newcomers
        .provisional()
        .map(({ mac, device }) => ({ mac, device: names.get(device) ?? device })),
    };
  }

  async #status(): Promise<Status> {
    const enforcement = await this.#enforcer.status();
    return {
      version,
      pid: process.pid,
      startedAt: this.#startedAt,
      timeSource: this.#clock.source(),
      cloud: {
        enrolled: this.#link.enrolled,
        connected: this.#link.connected,
        claimCode: this.#link.claimCode,
        damage: this.#link.damage,
        waiting: this.#outbox.size,
      },
      inForce: this.#documents.versions,
      enforcement: enforcement.enforcement,
      lan: {
        ports: [...enforcement.ports],
        devices: this.#devices.list().length,
        managed: enforcement.managed,
        withoutLease: enforcement.withoutLease,
      },
      ...this.#strangers(),
      names: enforcement.names,
      lists: this.#listsInForce(),
      children: childStandings(this.#documents.inForce, this.#usage.used, this.#clock.now()),
      counters: { ...enforcement.counters },
      rssBytes: process.memoryUsage.rss(),
    };
  }
}

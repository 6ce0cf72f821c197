import type { DeviceEvidence } from '@khien/shared/event';
import type { Id, Instant, Mac } from '@khien/shared/id';
import type { Policy } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { InForce } from '../policy/in-force.ts';
import { learnTraits, type Traits } from './device-change.ts';
import type { Binding, DeviceMemory, Seen } from './device-memory.ts';
import type { DhcpNote } from './dhcp-note.ts';
import { type Candidate, type Known, resemblance } from './resemblance.ts';

/** Who is on the LAN, as far as telling devices apart needs it. */
export interface ObservedDevices {
  known(): readonly Known[];
  onNote(listener: (note: DhcpNote) => void): () => void;
  onTwoPlaces(listener: (mac: Mac) => void): () => void;
}

export interface NewcomersDeps {
  readonly devices: ObservedDevices;
  readonly memory: DeviceMemory;
  /** What the documents say, without what is added here. */
  readonly inForce: () => InForce;
  /** Calls back when that may have changed; the result unsubscribes. */
  readonly onPolicy: (listener: () => void) => () => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: NewEvent) => void;
}

/** Everybody is looked at so often, milliseconds. */
const LOOK_EVERY = 2000;
/** So long after an address was first seen it may turn out to be a child's device. */
const NEW_FOR = 10 * 60_000;
/** Frames of both within one look, so often: no device can change its address so fast. */
const TOGETHER = 3;
/** That an address is used by something else is told once in so long. */
const TELL_CHANGE_AGAIN = 24 * 3_600_000;
/** When a device was last seen is of use to the hour. */
const REFRESH = 3_600_000;

/**
 * New addresses that look like a child's device under another one, and known ones that are used by something else. With
 * `newDevices: 'ask'` the child's rules hold for the former until the parents answer; what they answer is in the policy.
 */
export class Newcomers implements Part {
  readonly name = 'newcomers';
  readonly #deps: NewcomersDeps;
  readonly #listeners = new Set<() => void>();
  /** By new address: looks at which both it and the device it resembles were heard. */
  readonly #together = new Map<Mac, number>();
  #lookedAt: Instant = 0;
  #extended: { readonly of: InForce; readonly bindings: string; readonly inForce: InForce } | undefined;
  #stopListening: (() => void)[] = [];
  #cancelLook: () => void = () => undefined;

  constructor(deps: NewcomersDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { memory, devices, onPolicy } = this.#deps;
    await memory.load();
    this.#stopListening = [
      devices.onNote((note) => this.#told(note)),
      devices.onTwoPlaces((mac) => this.#changed(mac, ['two-places'])),
      onPolicy(() => this.#answered()),
    ];
    this.#lookedAt = this.#deps.clock.now();
    this.#look();
  }

  async stop(): Promise<void> {
    for (const stop of this.#stopListening) stop();
    this.#cancelLook();
    await this.#deps.memory.stop();
  }

  /** Calls back when other addresses are taken for children's devices; the result unsubscribes. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Addresses that are taken for a child's device now, until the parents answer. */
  provisional(): Binding[] {
    const { policy } = this.#deps.inForce();
    return [...this.#deps.memory.bindings.values()].filter((binding) => isOpen(binding, policy));
  }

  /** The same with the addresses that are taken for children's devices among these. The same object as long as nothing changes. */
  extend(inForce: InForce): InForce {
    const { policy, contacts } = inForce;
    const bindings = inForce.policyKnown ? [...this.#deps.memory.bindings.values()] : [];
    const open = bindings.filter((binding) => isOpen(binding, policy));
    if (open.length === 0) return inForce;
    const text = open.map(({ mac, device }) => `${mac} ${device}`).join();
    if (this.#extended?.of === inForce && this.#extended.bindings === text) return this.#extended.inForce;
    const devices = policy.devices.map((device) => ({
      ...device,
      macs: [...device.macs, ...open.flatMap((each) => (each.device === device.id ? [each.mac] : []))],
    }));
    const extended = new InForce({ ...policy, devices }, contacts);
    this.#extended = { of: inForce, bindings: text, inForce: extended };
    return extended;
  }

  /** A device of a child sends by this MAC, which answers for no address: whatever it does next, it is that child's. */
  impostor(mac: Mac, device: Id): void {
    const { memory, inForce } = this.#deps;
    const { policy } = inForce();
    const isTold = memory.bindings.has(mac) || memory.isSettled({ mac, device });
    if (policy.newDevices === 'allow' || isTold || !isNobodys(mac, policy)) return;
    this.#bind(this.#remembered(mac), device, ['address']);
  }

  #look(): void {
    const { clock, devices, inForce, log } = this.#deps;
    try {
      const now = clock.now();
      const known = devices.known();
      this.#remember(known, now);
      if (inForce().policyKnown) {
        this.#unbindTwo(known);
        this.#bindNew(known, now);
      }
      this.#lookedAt = now;
    } catch (error) {
      log.error('new devices', error);
    }
    this.#cancelLook = clock.after(LOOK_EVERY, () => this.#look());
  }

  #remember(known: readonly Known[], now: Instant): void {
    const { memory } = this.#deps;
    for (const { mac, heardAt } of known) {
      const seen = memory.seen.get(mac);
      if (seen === undefined) memory.see(firstSight(mac, heardAt ?? now));
      else if (now - seen.lastSeenAt > REFRESH) memory.see({ ...seen, lastSeenAt: now });
    }
  }

  #bindNew(known: readonly Known[], now: Instant): void {
    const { memory, inForce } = this.#deps;
    const { policy } = inForce();
    if (policy.newDevices === 'allow') return;
    const byMac = new Map(known.map((each) => [each.mac, each]));
    let candidates: Candidate[] | undefined;
    for (const each of known) {
      const firstSeenAt = memory.seen.get(each.mac)?.firstSeenAt ?? now;
      if (now - firstSeenAt > NEW_FOR || memory.bindings.has(each.mac) || !isNobodys(each.mac, policy))
        continue;
      candidates ??= policy.devices.map(({ id, macs }) => ({
        device: id,
        addresses: macs.map((mac) => byMac.get(mac) ?? this.#remembered(mac)),
      }));
      const open = candidates.filter(({ device }) => !memory.isSettled({ mac: each.mac, device }));
      const found = resemblance(
        { ...each, firstSeenAt },
        open,
        (device) => otherNames(known, each, device, policy),
        now,
      );
      if (found === undefined) continue;
      this.#bind(each, found.device, [...found.evidence]);
    }
  }

  #bind({ mac, hostname, fingerprint }: Known, device: Id, evidence: DeviceEvidence[]): void {
    const { memory, clock, emit, log } = this.#deps;
    memory.bind({ mac, device, evidence, at: clock.now() });
    // The cloud asks only of addresses that it knows.
    emit({ kind: 'device-found', mac, hostname, fingerprint });
    emit({ kind: 'device-resembles', mac, device, evidence });
    log.info(`${mac} looks like device ${device}: ${evidence.join(', ')}`);
    this.#tellListeners();
  }

  /** A device that was only seen before the last start has its traits from the memory. */
  #remembered(mac: Mac): Known {
    const seen = this.#deps.memory.seen.get(mac);
    return { mac, hostname: seen?.hostname ?? null, fingerprint: seen?.fingerprint ?? null, heardAt: null };
  }

  /** Whoever is here together with the device that it was taken for is another. */
  #unbindTwo(known: readonly Known[]): void {
    const { memory, inForce, emit, log } = this.#deps;
    const heard = new Set(
      known.flatMap(({ mac, heardAt }) => ((heardAt ?? -1) >= this.#lookedAt ? [mac] : [])),
    );
    const { policy } = inForce();
    for (const { mac, device, evidence } of [...memory.bindings.values()]) {
      const own = policy.devices.find(({ id }) => id === device)?.macs ?? [];
      // A device that sends by another MAC is heard by both.
      if (evidence.includes('address') || !isNobodys(mac, policy)) continue;
      if (!heard.has(mac) || !own.some((each) => heard.has(each))) continue;
      const times = (this.#together.get(mac) ?? 0) + 1;
      this.#together.set(mac, times);
      if (times < TOGETHER) continue;
      this.#together.delete(mac);
      memory.unbind(mac);
      emit({ kind: 'router', code: 'RESEMBLANCE_ENDED', detail: `${mac} ${device}` });
      log.info(`${mac} and device ${device} are here together: they are two`);
      this.#tellListeners();
    }
  }

  /**
   * The parents have said whose it is, or the device it was taken for is gone. That it is another device they may take back:
   * then it is as it was.
   */
  #answered(): void {
    const { memory, inForce } = this.#deps;
    const { policy, policyKnown } = inForce();
    if (!policyKnown) return;
    for (const { mac, device } of [...memory.bindings.values()]) {
      const isManaged = policy.devices.some(({ macs }) => macs.includes(mac));
      if (!isManaged && policy.devices.some(({ id }) => id === device)) continue;
      this.#together.delete(mac);
      memory.unbind(mac);
    }
  }

  #told({ mac, hostname, fingerprint }: DhcpNote): void {
    const { memory, clock } = this.#deps;
    const now = clock.now();
    const seen = memory.seen.get(mac) ?? firstSight(mac, now);
    const told: Traits = { hostname, fingerprint };
    const { after, evidence } = learnTraits(seen, told, now);
    memory.see({ ...seen, ...after, lastSeenAt: now });
    if (evidence.length > 0) this.#changed(mac, [...evidence]);
  }

  /** Only of devices that somebody has said something of. */
  #changed(mac: Mac, evidence: Extract<NewEvent, { kind: 'device-changed' }>['evidence']): void {
    const { memory, inForce, clock, emit, log } = this.#deps;
    const now = clock.now();
    const seen = memory.seen.get(mac) ?? firstSight(mac, now);
    const { policy } = inForce();
    if (isNobodys(mac, policy) || (seen.toldAt > 0 && now - seen.toldAt < TELL_CHANGE_AGAIN)) return;
    memory.see({ ...seen, toldAt: now });
    emit({ kind: 'device-changed', mac, evidence });
    log.warn(`${mac} seems to be used by something else: ${evidence.join(', ')}`);
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener();
  }
}

function firstSight(mac: Mac, at: Instant): Seen {
  return { mac, firstSeenAt: at, lastSeenAt: at, hostname: null, fingerprint: null, former: null, toldAt: 0 };
}

/** Neither a child's nor one that the parents know. */
function isNobodys(mac: Mac, { devices, known }: Policy): boolean {
  return !known.includes(mac) && !devices.some(({ macs }) => macs.includes(mac));
}

function isOpen({ mac, device }: Binding, policy: Policy): boolean {
  return (
    policy.newDevices === 'ask' && isNobodys(mac, policy) && policy.devices.some(({ id }) => id === device)
  );
}

/** Host names of all but the two that are compared. */
function otherNames(known: readonly Known[], newcomer: Known, device: Id, { devices }: Policy): string[] {
  const own = devices.find(({ id }) => id === device)?.macs ?? [];
  return known.flatMap(({ mac, hostname }) =>
    hostname === null || mac === newcomer.mac || own.includes(mac) ? [] : [hostname],
  );
}

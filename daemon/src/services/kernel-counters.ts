import type { Mac } from '@khien/shared/id';
import type { Attempt } from '../bypass/attempt.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import type { Counted, CountedServices } from '../enforce/service-table-state.ts';
import type { DeviceCount } from '../enforce/services-counters.ts';
import { Increments } from './increments.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { ServiceCounters, Traffic, UsageMarks } from './traffic.ts';

/** Applications that go on with what they had are no attempts for so long after it is closed, milliseconds. */
const GRACE = 5 * 60_000;

/** Of more counters than this, those of services are left out of what a later run goes on from. */
const MOST_MARKS = 2000;
const MOST_OWNERLESS = 1000;

/** Undefined while nothing is enforced. Throws NetlinkError. */
export type ReadCounted = (what: Counted) => Promise<CountedServices | undefined>;

export interface KernelCountersDeps {
  readonly counted: ReadCounted;
  readonly registry: Pick<ServiceRegistry, 'servicesOf' | 'servicesAt'>;
  readonly devices: Pick<LanDevices, 'byAddress'>;
}

/** What the kernel has counted by address, told by device and service. */
export class KernelCounters implements ServiceCounters {
  readonly #deps: KernelCountersDeps;
  readonly #usage = new Increments();
  readonly #refused = new Increments();
  /** What came for addresses of which it is not known yet whose they are: after a start, of devices that are silent now. */
  #ownerless: { readonly entry: DeviceCount; readonly added: number[] }[] = [];

  constructor(deps: KernelCountersDeps) {
    this.#deps = deps;
  }

  usageMarks(): UsageMarks {
    const marks = this.#usage.marks();
    return marks.length <= MOST_MARKS ? marks : marks.filter(([key]) => key.endsWith(' null'));
  }

  resumeUsage(marks: UsageMarks): void {
    this.#usage.resume(marks);
  }

  async readUsage(): Promise<readonly Traffic[]> {
    const { counted, registry } = this.#deps;
    const usage = await counted('usage');
    if (usage === undefined) return [];
    const traffic = new Map<string, Traffic>();
    const counts = [...this.#ownerless, ...this.#usage.since(usage.table, usage.counts, keyOf, countsOf)];
    this.#ownerless = [];
    for (const count of counts) {
      const { entry, added } = count;
      const mac = this.#macOf(entry);
      if (mac === undefined) {
        this.#ownerless.push(count);
        continue;
      }
      const [bytes = 0, packets = 0] = added;
      const services = entry.service === null ? [null] : registry.servicesOf(mac, entry.service);
      for (const service of services) {
        const key = `${mac} ${service}`;
        const old = traffic.get(key) ?? { mac, service, bytes: 0, packets: 0 };
        traffic.set(key, { mac, service, bytes: old.bytes + bytes, packets: old.packets + packets });
      }
    }
    this.#ownerless = this.#ownerless.slice(-MOST_OWNERLESS);
    return [...traffic.values()];
  }

  async attempts(): Promise<readonly Attempt[]> {
    const { counted, registry } = this.#deps;
    const refused = await counted('refused');
    if (refused === undefined) return [];
    const added = this.#refused.since(refused.table, refused.counts, keyOf, countsOf);
    return added.flatMap(({ entry }): Attempt[] => {
      const mac = this.#macOf(entry);
      if (mac === undefined) return [];
      if (entry.service === null) {
        return refused.studiesFor(mac) < GRACE ? [] : [{ mac, method: 'direct-address', ago: 0 }];
      }
      const [service] = [...registry.servicesOf(mac, entry.service), ...registry.servicesAt(entry.service)];
      if (service === undefined || refused.blockedFor(mac, service) < GRACE) return [];
      return [{ mac, method: 'direct-address', service, ago: 0 }];
    });
  }

  #macOf({ device }: DeviceCount): Mac | undefined {
    return 'mac' in device ? device.mac : this.#deps.devices.byAddress(device.address);
  }
}

function keyOf({ device, service }: DeviceCount): string {
  return `${'mac' in device ? device.mac : device.address} ${service}`;
}

function countsOf({ bytes, packets }: DeviceCount): number[] {
  return [bytes, packets];
}

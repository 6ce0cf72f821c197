import type { Mac } from '@khien/shared/id';
import type { Attempt } from '../bypass/attempt.ts';
import type { Counted, CountedServices } from '../enforce/service-table-state.ts';
import type { DeviceCount } from '../enforce/services-counters.ts';
import { addressUse, servicesOfUse } from './address-class.ts';
import { Increments } from './increments.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { ServiceCounters, Traffic } from './traffic.ts';

/** Applications that go on with what they had are no attempts for so long after a service is blocked, milliseconds. */
const GRACE = 5 * 60_000;

/** Undefined while nothing is enforced. Throws NetlinkError. */
export type ReadCounted = (what: Counted) => Promise<CountedServices | undefined>;

/** What the kernel has counted by address, told by service. */
export class KernelCounters implements ServiceCounters {
  readonly #counted: ReadCounted;
  readonly #registry: Pick<ServiceRegistry, 'servicesOf'>;
  readonly #usage = new Increments();
  readonly #attempts = new Increments();

  constructor(counted: ReadCounted, registry: Pick<ServiceRegistry, 'servicesOf'>) {
    this.#counted = counted;
    this.#registry = registry;
  }

  async readUsage(): Promise<readonly Traffic[]> {
    const counted = await this.#counted('usage');
    if (counted === undefined) return [];
    const traffic = new Map<string, Traffic>();
    const add = (mac: Mac, service: string | null, bytes: number, packets: number) => {
      const key = `${mac} ${service ?? ''}`;
      const old = traffic.get(key) ?? { mac, service, bytes: 0, packets: 0 };
      traffic.set(key, { mac, service, bytes: old.bytes + bytes, packets: old.packets + packets });
    };
    const added = this.#usage.since(counted.table, counted.counts, keyOf, ({ bytes, packets }) => [
      bytes,
      packets,
    ]);
    for (const { entry, added: counts } of added) {
      const [bytes = 0, packets = 0] = counts;
      for (const service of this.#servicesOf(counted, entry)) add(entry.mac, service, bytes, packets);
    }
    return [...traffic.values()];
  }

  async attempts(): Promise<readonly Attempt[]> {
    const counted = await this.#counted('refusals');
    if (counted === undefined) return [];
    const added = this.#attempts.since(counted.table, counted.counts, keyOf, ({ packets }) => [packets]);
    return added.flatMap(({ entry }): Attempt[] => {
      const text = counted.classOf(entry.classNumber);
      if (text === undefined) return [];
      const meant = this.#registry.servicesOf(entry.mac, text);
      const [service] = meant.length > 0 ? meant : addressUse(text).uses.flatMap(servicesOfUse);
      if (service === undefined || counted.blockedFor(entry.mac, service) < GRACE) return [];
      return [{ mac: entry.mac, method: 'direct-address', service, ago: 0 }];
    });
  }

  #servicesOf(counted: CountedServices, { mac, classNumber }: DeviceCount): readonly (string | null)[] {
    if (classNumber === 0) return [null];
    const text = counted.classOf(classNumber);
    return text === undefined ? [] : this.#registry.servicesOf(mac, text);
  }
}

function keyOf({ mac, classNumber }: DeviceCount): string {
  return `${mac} ${classNumber}`;
}

import type { Mac } from '@khien/shared/id';
import { type DnsName, longestSuffix } from '@khien/shared/name';
import { readAddresses } from './answer-reading.ts';
import type { ServiceRegistry } from './service-registry.ts';
import { isFront, isPublic } from './shared-fronts.ts';

/**
 * Learns from answers of the router's resolver where services are. An answer to whatever else a device asks for teaches
 * nothing: whoever owns a name could make an address look shared by it.
 */
export class Learner {
  readonly #registry: ServiceRegistry;
  readonly #protectedNames: () => readonly DnsName[];

  /** `protectedNames` must stay reachable, with all below them, whatever shares their addresses. */
  constructor(registry: ServiceRegistry, protectedNames: () => readonly DnsName[]) {
    this.#registry = registry;
    this.#protectedNames = protectedNames;
  }

  /**
   * Takes up an answer to `name` (as `readQname` writes it).
   *
   * @param mac whose question it was; undefined for our own
   */
  learn(name: string, mac: Mac | undefined, response: Buffer): void {
    const use = this.#registry.useOf(name);
    if (use !== undefined && mac !== undefined) this.#registry.asked(mac, use);
    const isProtected = longestSuffix(name, this.#protectedNames()) !== undefined;
    if (use === undefined && !isProtected) return;
    const found = readAddresses(response);
    if (found === undefined) return;
    const { aliases, ttl } = found;
    const addresses = found.addresses.filter(isPublic);
    if (isProtected) this.#registry.protect(addresses, ttl);
    if (use !== undefined) {
      this.#registry.sighted(use, { addresses, ttl, front: isFront(name, aliases, addresses) });
    }
  }
}

import type { Mac } from '@khien/shared/id';
import { type DnsName, longestSuffix } from '@khien/shared/name';
import { type NameAddresses, readAddresses } from './answer-reading.ts';
import type { ServiceRegistry } from './service-registry.ts';
import { isFront, isPublic } from './shared-fronts.ts';

/**
 * Learns from answers of the router's resolver where services are, and what study needs. An answer to whatever else a device
 * asks for teaches nothing: whoever owns a name could make an address look shared by it.
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
   * Takes up an answer to a device's question for `name` (as `readQname` writes it). Whether it is of study, so that its
   * addresses must be open before it is handed on.
   *
   * @param rewritten whether the answer is of the name's filtered form
   */
  learn(name: string, mac: Mac | undefined, response: Buffer, rewritten = false): boolean {
    const use = this.#registry.useOf(name);
    if (use !== undefined && mac !== undefined) this.#registry.asked(mac, use);
    const found = readAddresses(response);
    if (found === undefined) return false;
    this.#takeService(name, found);
    return this.#registry.study.sighted(name, rewritten, found);
  }

  /**
   * Takes up an answer to a question of our own. Only these say that a protected name shares an address: a child could point
   * a name of his below one of them at any address.
   */
  lookedUp(name: DnsName, response: Buffer): void {
    const found = readAddresses(response);
    if (found === undefined) return;
    if (longestSuffix(name, this.#protectedNames()) !== undefined) {
      this.#registry.protect(found.addresses.filter(isPublic), found.ttl);
    }
    this.#takeService(name, found);
    this.#registry.study.sighted(name, false, found);
  }

  #takeService(name: string, { addresses, aliases, ttl }: NameAddresses): void {
    const use = this.#registry.useOf(name);
    if (use === undefined) return;
    const outside = addresses.filter(isPublic);
    this.#registry.sighted(use, { addresses: outside, ttl, front: isFront(name, aliases, outside) });
  }
}

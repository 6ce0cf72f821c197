import { isIPv4, isIPv6 } from 'node:net';
import { HELP_ADDRESSES } from './access-table.ts';

/** Addresses of help names, learned from answers: the newest of each IP version, as many as the kernel's sets hold. */
export class HelpAddresses {
  readonly #addresses = new Set<string>();

  list(): string[] {
    return [...this.#addresses];
  }

  /** Takes addresses up; what is none is passed over. Whether one was not known. */
  add(addresses: readonly string[]): boolean {
    let fresh = false;
    for (const address of addresses) {
      const is = isIPv4(address) ? isIPv4 : isIPv6(address) && !address.includes('%') ? isIPv6 : undefined;
      if (is === undefined) continue;
      if (!this.#addresses.delete(address)) {
        fresh = true;
        const same = [...this.#addresses].filter((known) => is(known));
        if (same.length >= HELP_ADDRESSES && same[0] !== undefined) this.#addresses.delete(same[0]);
      }
      this.#addresses.add(address);
    }
    return fresh;
  }

  clear(): void {
    this.#addresses.clear();
  }
}

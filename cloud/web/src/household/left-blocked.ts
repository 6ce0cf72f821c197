import type { Id } from '../api/contract.ts';
import type { Keep } from '../api/keep.ts';
import { Store } from '../api/store.ts';

/**
 * New devices in quarantine of which the parent said on this phone that they stay out, so that the home no longer asks about
 * them. It changes nothing of what is enforced.
 */
export class LeftBlocked extends Store<ReadonlySet<Id>> {
  readonly #keep: Keep;
  readonly #key: string;

  constructor(keep: Keep, household: Id) {
    const key = `left-blocked.${household}`;
    const left = keep.read(key);
    super(new Set(Array.isArray(left) ? left.filter((id) => typeof id === 'string') : []));
    this.#keep = keep;
    this.#key = key;
  }

  add(device: Id): void {
    this.#write([...this.value, device]);
  }

  drop(device: Id): void {
    this.#write([...this.value].filter((id) => id !== device));
  }

  #write(devices: readonly Id[]): void {
    this.#keep.write(this.#key, devices);
    this.set(new Set(devices));
  }
}

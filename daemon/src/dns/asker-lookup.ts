import type { Mac } from '@khien/shared/id';
import type { Clock } from '../clock/clock.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import { plainAddress } from './address.ts';

/** How long a query waits for its device to become known, milliseconds: the neighbour table is looked at every second. */
const PATIENCE = 1250;
const MAX_WAITING = 256;

/** Finds whose device an address is, and waits a moment for the neighbour table where it does not know it yet. */
export class AskerLookup {
  readonly #devices: LanDevices;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #unsubscribe: () => void = () => undefined;

  constructor(devices: LanDevices, clock: Clock) {
    this.#devices = devices;
    this.#clock = clock;
  }

  start(): void {
    this.#unsubscribe = this.#devices.onChange(() => {
      for (const look of [...this.#waiting]) look();
    });
  }

  stop(): void {
    this.#unsubscribe();
    for (const look of [...this.#waiting]) look();
  }

  known(from: string): Mac | undefined {
    return this.#devices.byAddress(plainAddress(from));
  }

  /** Whether one more may wait: whoever invents addresses would have us look for each. */
  get hasRoom(): boolean {
    return this.#waiting.size < MAX_WAITING;
  }

  /** The device, or undefined when it has not become known in time, or there is no room to wait. */
  await(from: string): Promise<Mac | undefined> {
    if (!this.hasRoom) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const settle = (mac: Mac | undefined): void => {
        cancel();
        this.#waiting.delete(look);
        resolve(mac);
      };
      const look = (): void => {
        const mac = this.known(from);
        if (mac !== undefined) settle(mac);
      };
      const cancel = this.#clock.after(PATIENCE, () => settle(this.known(from)));
      this.#waiting.add(look);
    });
  }
}

/** Counts what is under way, in all and by device, and says whether there is room for one more. */
export class Admission {
  readonly #limit: number;
  readonly #perDevice: number;
  readonly #counts = new Map<string, number>();
  #total = 0;

  constructor(limits: { total: number; perDevice: number }) {
    this.#limit = limits.total;
    this.#perDevice = limits.perDevice;
  }

  /** Takes a place for `device`; false where none is free. Each true is given back by one `leave`. */
  enter(device: string): boolean {
    const count = this.#counts.get(device) ?? 0;
    if (this.#total >= this.#limit || count >= this.#perDevice) return false;
    this.#counts.set(device, count + 1);
    this.#total += 1;
    return true;
  }

  leave(device: string): void {
    const count = this.#counts.get(device) ?? 0;
    if (count > 1) this.#counts.set(device, count - 1);
    else this.#counts.delete(device);
    this.#total -= 1;
  }
}

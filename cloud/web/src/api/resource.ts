import { type ApiError, apiErrorOf } from './api-error.ts';
import type { Keep } from './keep.ts';
import { Store } from './store.ts';

export interface Snapshot<T> {
  readonly value: T | undefined;
  /** When `value` was fetched, milliseconds since the epoch by this phone's clock. */
  readonly at: number | undefined;
  /** Why the newest fetch failed; `value` is then the last known one. */
  readonly error: ApiError | undefined;
  readonly loading: boolean;
}

export interface Kept<T> {
  readonly keep: Keep;
  readonly key: string;
  /** Tells what this version of the UI can still show from what an older one kept. */
  readonly isShape: (value: unknown) => value is T;
}

/** Something of the server that is shown, fetched again when it changes, and kept for when there is no connection. */
export class Resource<T> extends Store<Snapshot<T>> {
  readonly #load: () => Promise<T>;
  readonly #kept: Kept<T> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(load: () => Promise<T>, kept?: Kept<T>) {
    super({ ...lastKnown(kept), error: undefined, loading: true });
    this.#load = load;
    this.#kept = kept;
  }

  /**
   * Fetches. A call while a fetch is under way starts one more after it, since the one under way may have been answered
   * before what the caller knows of happened; any number of such calls share that one. Never rejects.
   */
  refresh(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#fetch().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.refresh();
    });
    return this.#next;
  }

  async #fetch(): Promise<void> {
    this.set({ ...this.value, loading: true });
    try {
      const value = await this.#load();
      const at = Date.now();
      this.#kept?.keep.write(this.#kept.key, { value, at });
      this.set({ value, at, error: undefined, loading: false });
    } catch (thrown) {
      this.set({ ...this.value, error: apiErrorOf(thrown), loading: false });
    }
  }
}

function lastKnown<T>(kept: Kept<T> | undefined): Pick<Snapshot<T>, 'value' | 'at'> {
  const found = kept?.keep.read(kept.key);
  if (
    kept !== undefined &&
    typeof found === 'object' &&
    found !== null &&
    'value' in found &&
    'at' in found &&
    typeof found.at === 'number' &&
    kept.isShape(found.value)
  ) {
    return { value: found.value, at: found.at };
  }
  return { value: undefined, at: undefined };
}

/** Of keys that are read at once. */
const MOST = 200;

interface Asked<V> {
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads what many ask for at once with one query: those that ask while one is under way wait for the next. Ten thousand routers
 * that come back would else take turns at a few connections to the database, each turn as long as all the others' handshakes.
 */
export class GatheredRead<K, V> {
  readonly #read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;
  #waiting = new Map<K, Asked<V>[]>();
  #running = false;

  /** @param read resolves with what is there of these keys */
  constructor(read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>) {
    this.#read = read;
  }

  /** What is there now, or undefined; rejects as the query does, for all that it was for. */
  get(key: K): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.#waiting.get(key);
      if (others === undefined) this.#waiting.set(key, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      // Who asks in the same tick comes along.
      await Promise.resolve();
      const taken = [...this.#waiting].slice(0, MOST);
      for (const [key] of taken) this.#waiting.delete(key);
      await this.#readTogether(taken);
    }
    this.#running = false;
  }

  async #readTogether(taken: readonly (readonly [K, readonly Asked<V>[]])[]): Promise<void> {
    try {
      const found = await this.#read(taken.map(([key]) => key));
      for (const [key, asked] of taken) for (const { resolve } of asked) resolve(found.get(key));
    } catch (error) {
      for (const [, asked] of taken) for (const { reject } of asked) reject(error);
    }
  }
}

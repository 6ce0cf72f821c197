/** Where the last known answers stay for when there is no connection. */
export interface Keep {
  read(key: string): unknown;
  write(key: string, value: unknown): void;
  /** Forgets everything, e.g. when the parent signs out. */
  clear(): void;
}

// The number goes up when the shape of what is kept changes, so that an old shape is never read as a new one.
const FAMILY = 'khien.';
const PREFIX = `${FAMILY}3.`;

/** Keeps in `storage`; a full or forbidden storage only means that nothing is kept. */
export function keepIn(storage: Storage | undefined): Keep {
  return {
    read(key) {
      try {
        const text = storage?.getItem(PREFIX + key);
        return text === null || text === undefined ? undefined : JSON.parse(text);
      } catch {
        return undefined;
      }
    },
    write(key, value) {
      try {
        storage?.setItem(PREFIX + key, JSON.stringify(value));
      } catch {
        // Full, or forbidden in a private window: the answer is still shown, only not kept.
      }
    },
    clear() {
      if (storage === undefined) return;
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
      for (const key of keys) if (key?.startsWith(FAMILY)) storage.removeItem(key);
    },
  };
}

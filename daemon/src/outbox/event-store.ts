import { rename } from 'node:fs/promises';
import { codeOf, KhienError } from '@khien/shared/error';
import { eventSchema, type KhienEvent } from '@khien/shared/event';
import { Level } from 'level';

/** LevelDB's own buffers and cache are made for servers, not for a few hundred events on a router (bytes). */
const SMALL = {
  valueEncoding: 'utf8',
  cacheSize: 64 * 1024,
  writeBufferSize: 128 * 1024,
  maxOpenFiles: 16,
} as const;

/** What a store held when it was opened. */
export interface Opened {
  readonly events: readonly KhienEvent[];
  /** Values that were no events, and are deleted. */
  readonly unreadable: number;
}

/**
 * Events on flash, by id. It is closed by the first write that fails: after half a record LevelDB's log goes on at a wrong place,
 * and what follows it would be lost at the next start, though it was acknowledged.
 */
export class EventStore {
  readonly #folder: string;
  #db: Level<string, string> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get isOpen(): boolean {
    return this.#db !== undefined;
  }

  /** Throws LevelDB's errors; `storeErrorCode` tells them apart. */
  async open(): Promise<Opened> {
    const db = new Level<string, string>(this.#folder, SMALL);
    try {
      await db.open();
      const opened = await load(db);
      this.#db = db;
      return opened;
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /** Moves a store that is closed and damaged to `aside`. */
  async setAside(aside: string): Promise<void> {
    await rename(this.#folder, aside);
  }

  /** Events are on flash when it resolves. Throws `STORE_UNAVAILABLE` and LevelDB's errors, and is closed then. */
  put(events: readonly KhienEvent[]): Promise<void> {
    const batch = events.map((event) => ({
      type: 'put' as const,
      key: event.id,
      value: JSON.stringify(event),
    }));
    return this.#write((db) => db.batch(batch, { sync: true }));
  }

  /** Not synced: an event that comes back is sent once more, which does no harm. Throws as `put` does. */
  delete(ids: readonly string[]): Promise<void> {
    return this.#write((db) => db.batch(ids.map((key) => ({ type: 'del' as const, key }))));
  }

  async close(): Promise<void> {
    const db = this.#db;
    this.#db = undefined;
    await db?.close();
  }

  async #write(work: (db: Level<string, string>) => Promise<void>): Promise<void> {
    const db = this.#db;
    if (db === undefined) throw new KhienError('STORE_UNAVAILABLE', 'the outbox has no store');
    try {
      await work(db);
    } catch (error) {
      if (db === this.#db) await this.close();
      throw error;
    }
  }
}

async function load(db: Level<string, string>): Promise<Opened> {
  const events: KhienEvent[] = [];
  const unreadable: string[] = [];
  for await (const [key, value] of db.iterator()) {
    const event = parseEvent(value);
    if (event === undefined || event.id !== key) unreadable.push(key);
    else events.push(event);
  }
  if (unreadable.length > 0) await db.batch(unreadable.map((key) => ({ type: 'del' as const, key })));
  return { events, unreadable: unreadable.length };
}

function parseEvent(value: string): KhienEvent | undefined {
  try {
    const parsed = eventSchema.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** `level` wraps what LevelDB says: LEVEL_LOCKED, LEVEL_CORRUPTION, LEVEL_IO_ERROR. */
export function storeErrorCode(error: unknown): string {
  return codeOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}

import { rename } from 'node:fs/promises';
import { codeOf } from '@khien/shared/error';
import { eventSchema, type KhienEvent } from '@khien/shared/event';
import { newId } from '@khien/shared/id';
import { Level } from 'level';
import type { Clock } from '../clock/clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';

/** Between writes of what is only in memory. Flash wears out; a power cut may cost this much of blocked tries. */
const CHECKPOINT_MS = 15 * 60_000;

/** LevelDB's own buffers and cache are made for servers, not for a few hundred events on a router (bytes). */
const SMALL = {
  valueEncoding: 'utf8',
  cacheSize: 64 * 1024,
  writeBufferSize: 128 * 1024,
  maxOpenFiles: 16,
} as const;

export interface OutboxDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Most events kept; past that the oldest volatile ones go, and the loss itself becomes an event. */
  readonly capacity: number;
}

/**
 * Events on their way to the cloud. A durable one is on flash when `put` resolves; bursts of blocked tries wait in memory
 * and are written now and then. An event leaves only when the cloud has acknowledged it.
 */
export class Outbox implements Part {
  readonly name = 'outbox';
  readonly #deps: OutboxDeps;
  #db: Level<string, string> | undefined;
  /** All that waits, by id, oldest first: ids are ULIDs and strictly increase. */
  readonly #waiting = new Map<string, KhienEvent>();
  readonly #onDisk = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #dropped = 0;
  #cancelCheckpoint: (() => void) | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.#openOrSetAside();
    this.#scheduleCheckpoint();
  }

  async stop(): Promise<void> {
    this.#cancelCheckpoint?.();
    const db = this.#db;
    if (db === undefined) return;
    await this.#checkpoint();
    this.#db = undefined;
    await db.close();
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls back when there is something new to send; the result unsubscribes. */
  onPut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes an event and syncs it to flash. Rejects where flash cannot take it; it is sent all the same, if power lasts. */
  async put(event: NewEvent): Promise<void> {
    const stamped = this.#stamp(event);
    try {
      await this.#db?.put(stamped.id, JSON.stringify(stamped), { sync: true });
      this.#onDisk.add(stamped.id);
    } finally {
      this.#add(stamped);
    }
  }

  /** Takes an event that a power cut may cost. Of one burst only the newest word waits. */
  putVolatile(event: NewEvent): void {
    const stamped = this.#stamp(event);
    if (stamped.kind === 'blocked') {
      for (const [id, older] of this.#waiting) {
        if (older.kind === 'blocked' && older.burst === stamped.burst && !this.#onDisk.has(id))
          this.#waiting.delete(id);
      }
    }
    this.#add(stamped);
  }

  /** The oldest events, `limit` at most. */
  oldest(limit: number): KhienEvent[] {
    const events: KhienEvent[] = [];
    for (const event of this.#waiting.values()) {
      if (events.push(event) >= limit) break;
    }
    return events;
  }

  /** Forgets events that the cloud has committed. */
  async remove(ids: readonly string[]): Promise<void> {
    const stored = ids.filter((id) => this.#onDisk.delete(id));
    for (const id of ids) this.#waiting.delete(id);
    if (stored.length > 0) await this.#db?.batch(stored.map((key) => ({ type: 'del', key })));
  }

  #stamp(event: NewEvent): KhienEvent {
    const { clock } = this.#deps;
    return { ...event, id: newId(clock.now()), at: clock.now(), timeSource: clock.source() };
  }

  #add(event: KhienEvent): void {
    this.#waiting.set(event.id, event);
    if (this.#waiting.size > this.#deps.capacity) this.#dropOne();
    for (const listener of this.#listeners) listener();
  }

  #dropOne(): void {
    for (const id of this.#waiting.keys()) {
      if (this.#onDisk.has(id)) continue;
      this.#waiting.delete(id);
      this.#dropped += 1;
      return;
    }
  }

  #scheduleCheckpoint(): void {
    this.#cancelCheckpoint = this.#deps.clock.after(CHECKPOINT_MS, () => {
      this.#checkpoint().catch((error: unknown) =>
        this.#deps.log.error('the outbox could not be written', error),
      );
      this.#scheduleCheckpoint();
    });
  }

  async #checkpoint(): Promise<void> {
    if (this.#dropped > 0) {
      const detail = `${this.#dropped} events`;
      this.#dropped = 0;
      this.#add(this.#stamp({ kind: 'router', code: 'EVENTS_DROPPED', detail }));
    }
    const fresh = [...this.#waiting].filter(([id]) => !this.#onDisk.has(id));
    if (fresh.length === 0) return;
    await this.#db?.batch(
      fresh.map(([key, event]) => ({ type: 'put' as const, key, value: JSON.stringify(event) })),
      { sync: true },
    );
    for (const [id] of fresh) if (this.#waiting.has(id)) this.#onDisk.add(id);
  }

  /** A store that cannot be opened or read is set aside and a new one begun: a damaged outbox must not stop the daemon. */
  async #openOrSetAside(): Promise<void> {
    const { folder, log, clock } = this.#deps;
    try {
      await this.#open();
    } catch (error) {
      if (causeCode(error) === 'LEVEL_LOCKED') throw error;
      await this.#db?.close();
      const aside = `${folder}.damaged-${clock.now()}`;
      log.error(`the outbox is damaged and set aside as ${aside}`, error);
      await rename(folder, aside);
      await this.#open();
      await this.put({ kind: 'router', code: 'STORE_REBUILT', detail: `outbox: ${causeCode(error)}` });
    }
  }

  async #open(): Promise<void> {
    const db = new Level<string, string>(this.#deps.folder, SMALL);
    await db.open();
    this.#db = db;
    await this.#load(db);
  }

  async #load(db: Level<string, string>): Promise<void> {
    const unreadable: string[] = [];
    for await (const [key, value] of db.iterator()) {
      const event = parseEvent(value);
      if (event === undefined || event.id !== key) unreadable.push(key);
      else {
        this.#waiting.set(key, event);
        this.#onDisk.add(key);
      }
    }
    if (unreadable.length === 0) return;
    this.#deps.log.warn(`${unreadable.length} events in the outbox could not be read and are dropped`);
    await db.batch(unreadable.map((key) => ({ type: 'del' as const, key })));
    await this.put({
      kind: 'router',
      code: 'EVENTS_DROPPED',
      detail: `${unreadable.length} unreadable events`,
    });
  }
}

/** `level` wraps what LevelDB says: LEVEL_LOCKED, LEVEL_CORRUPTION. */
function causeCode(error: unknown): string {
  return codeOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}

function parseEvent(value: string): KhienEvent | undefined {
  try {
    const parsed = eventSchema.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

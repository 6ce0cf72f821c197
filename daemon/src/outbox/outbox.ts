import type { KhienEvent } from '@khien/shared/event';
import { type Instant, newId } from '@khien/shared/id';
import { sameTarget } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { EventStore, storeErrorCode } from './event-store.ts';

/** Between writes of what is only in memory. Flash wears out; a power cut may cost this much of blocked tries. */
const CHECKPOINT_MS = 15 * 60_000;

/** What goes on failing is told so often, however often it fails: flash wears out (milliseconds). */
const REPEAT_MS = 10 * 60_000;
/** Things told of lately that are remembered. */
const MAX_TOLD = 128;

/** A device may make up addresses without end, each a device that is found: so many wait, the state tells the others. */
const MAX_FOUND = 256;

/** Flash that has not taken an event is tried again after so long (milliseconds). */
const RETRY_MS = 60_000;

export interface OutboxDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Most events kept. Past that the oldest volatile ones go, then the oldest of all but requests, and the loss itself becomes
   * an event.
   */
  readonly capacity: number;
}

/**
 * Events on their way to the cloud. A durable one is on flash when `put` resolves; bursts of blocked tries wait in memory
 * and are written now and then. An event leaves only when the cloud has acknowledged it.
 */
export class Outbox implements Part {
  readonly name = 'outbox';
  readonly #deps: OutboxDeps;
  readonly #store: EventStore;
  /** All that waits, by id, oldest first: ids are ULIDs and strictly increase. */
  readonly #waiting = new Map<string, KhienEvent>();
  readonly #onDisk = new Set<string>();
  readonly #listeners = new Set<() => void>();
  /** When each thing about the router was last told. */
  readonly #told = new Map<string, Instant>();
  #dropped = 0;
  #cancelCheckpoint: () => void = () => undefined;
  #stopped = true;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#store = new EventStore(deps.folder);
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#openOrSetAside();
    this.#checkpointIn(CHECKPOINT_MS);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelCheckpoint();
    try {
      await this.#checkpoint();
    } finally {
      await this.#store.close();
    }
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Calls back when there is something new to send; the result unsubscribes. */
  onPut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes an event and syncs it to flash; what only repeats itself is left out. Rejects where flash cannot take it; it is
   * sent all the same, if power lasts.
   *
   * @throws KhienError `STORE_UNAVAILABLE`, or what LevelDB says
   */
  async put(event: NewEvent): Promise<void> {
    if (this.#isRepeat(event)) return;
    const stamped = this.#stamp(event);
    try {
      await this.#store.put([stamped]);
      this.#onDisk.add(stamped.id);
    } catch (error) {
      this.#checkpointIn(RETRY_MS);
      throw error;
    } finally {
      this.#add(stamped);
    }
  }

  /** Takes an event that a power cut may cost. Of one burst, or of what was used of one thing, only the newest word waits. */
  putVolatile(event: NewEvent): void {
    const stamped = this.#stamp(event);
    for (const [id, older] of this.#waiting) {
      if (replaces(stamped, older) && !this.#onDisk.has(id)) this.#waiting.delete(id);
    }
    if (stamped.kind === 'device-found') {
      const found = [...this.#waiting.values()].filter(({ kind }) => kind === 'device-found');
      if (found.length >= MAX_FOUND) this.#drop(found[0]?.id);
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
    if (stored.length > 0 && this.#store.isOpen) await this.#store.delete(stored);
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
    this.#drop(
      this.#oldestId((_, id) => !this.#onDisk.has(id)) ??
        this.#oldestId(({ kind }) => kind !== 'request') ??
        this.#oldestId(() => true),
    );
  }

  #drop(id: string | undefined): void {
    if (id === undefined) return;
    this.#dropped += 1;
    this.remove([id]).catch((error: unknown) =>
      this.#deps.log.error('the outbox could not be written', error),
    );
  }

  #oldestId(fits: (event: KhienEvent, id: string) => boolean): string | undefined {
    for (const [id, event] of this.#waiting) if (fits(event, id)) return id;
    return undefined;
  }

  /** Whether the same was told of the router a moment ago, or waits to be told. */
  #isRepeat(event: NewEvent): boolean {
    const told = tellingOf(event);
    if (told === undefined) return false;
    if ([...this.#waiting.values()].some((waiting) => tellingOf(waiting) === told)) return true;
    if (event.kind === 'document-refused') return false;
    const now = this.#deps.clock.now();
    const at = this.#told.get(told);
    if (at !== undefined && Math.abs(now - at) < REPEAT_MS) return true;
    this.#told.delete(told);
    this.#told.set(told, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_TOLD && oldest !== undefined) this.#told.delete(oldest);
    return false;
  }

  #checkpointIn(delay: number): void {
    if (this.#stopped) return;
    this.#cancelCheckpoint();
    this.#cancelCheckpoint = this.#deps.clock.after(delay, () => {
      this.#checkpoint().then(
        () => this.#checkpointIn(CHECKPOINT_MS),
        (error: unknown) => {
          this.#deps.log.error('the outbox could not be written', error);
          this.#checkpointIn(RETRY_MS);
        },
      );
    });
  }

  async #checkpoint(): Promise<void> {
    if (this.#dropped > 0) {
      if (this.#waiting.size >= this.#deps.capacity) this.#dropOne();
      const detail = `${this.#dropped} events`;
      this.#dropped = 0;
      this.#add(this.#stamp({ kind: 'router', code: 'EVENTS_DROPPED', detail }));
    }
    if (!this.#store.isOpen) await this.#open();
    const fresh = [...this.#waiting].filter(([id]) => !this.#onDisk.has(id));
    if (fresh.length === 0) return;
    await this.#store.put(fresh.map(([, event]) => event));
    for (const [id] of fresh) if (this.#waiting.has(id)) this.#onDisk.add(id);
  }

  /**
   * A store that is damaged is set aside and a new one begun. Where flash takes nothing, as when it is full, events wait in
   * memory until it does. Neither may keep the daemon from enforcing.
   */
  async #openOrSetAside(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      const code = storeErrorCode(error);
      if (code === 'LEVEL_LOCKED') throw error;
      if (code !== 'LEVEL_IO_ERROR' && (await this.#setAside(error))) return;
      this.#deps.log.error('the outbox cannot be stored; events wait in memory', error);
      this.#add(this.#stamp({ kind: 'router', code: 'STORE_UNAVAILABLE', detail: `outbox: ${code}` }));
    }
  }

  /** Whether a new store could be begun. */
  async #setAside(damage: unknown): Promise<boolean> {
    const { folder, log, clock } = this.#deps;
    const aside = `${folder}.damaged-${clock.now()}`;
    log.error(`the outbox is damaged and set aside as ${aside}`, damage);
    try {
      await this.#store.setAside(aside);
      await this.#open();
      await this.put({ kind: 'router', code: 'STORE_REBUILT', detail: `outbox: ${storeErrorCode(damage)}` });
      return true;
    } catch (error) {
      log.error('a new outbox could not be begun', error);
      return false;
    }
  }

  async #open(): Promise<void> {
    const { events, unreadable } = await this.#store.open();
    for (const event of events) {
      this.#waiting.set(event.id, event);
      this.#onDisk.add(event.id);
    }
    if (unreadable === 0) return;
    this.#deps.log.warn(`${unreadable} events in the outbox could not be read and are dropped`);
    await this.put({ kind: 'router', code: 'EVENTS_DROPPED', detail: `${unreadable} unreadable events` });
  }
}

/** What an event tells of the router, apart from when; events of other kinds tell nothing. */
function tellingOf(event: NewEvent): string | undefined {
  if (event.kind === 'router') return `${event.code} ${event.detail}`;
  return event.kind === 'document-refused' ? `refused ${event.code} ${event.reason}` : undefined;
}

/** Whether a later event says all that an earlier one does. */
function replaces(later: KhienEvent, earlier: KhienEvent): boolean {
  if (later.kind === 'usage') {
    return (
      earlier.kind === 'usage' &&
      later.profile === earlier.profile &&
      later.day === earlier.day &&
      sameTarget(later.of, earlier.of)
    );
  }
  if (later.kind === 'blocked') return earlier.kind === 'blocked' && earlier.burst === later.burst;
  return later.kind === 'bypass' && earlier.kind === 'bypass' && earlier.burst === later.burst;
}

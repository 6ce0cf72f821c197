import { documentKinds } from '@khien/shared/document';
import type { Id } from '@khien/shared/id';
import { z } from 'zod';
import {
  type Change,
  type Changes,
  type HouseholdChange,
  householdParts,
  LocalChanges,
  type RouterChange,
  type RouterConnected,
  type Unsubscribe,
} from '../changes.ts';
import type { DatabaseSession } from './session.ts';

const CHANNEL = 'khien_changes';
/** How long announcements are gathered for one notification, milliseconds. */
const WINDOW = 5;
/** PostgreSQL takes less than 8,000 bytes (postgresql.org/docs/current/sql-notify.html). */
const MAX_BYTES = 7_500;
/** As many as wait for a session that is lost; with more, the other nodes are told that they missed some. */
const MAX_WAITING = 10_000;

const changeSchema = z.union([
  z.object({ household: z.string(), changed: z.enum(householdParts) }),
  z.object({ router: z.string(), document: z.nullable(z.enum(documentKinds)) }),
  z.object({ router: z.string(), connection: z.string() }),
]);
const notificationSchema = z.object({
  /** The node that it comes from. */
  node: z.string(),
  /** Null: more than were kept. */
  changes: z.nullable(z.array(changeSchema)),
});

/**
 * Between the nodes over one PostgreSQL, by LISTEN and NOTIFY. Those of this node hear at once; the others a few
 * milliseconds later, many announcements in one notification. While the session is lost announcements wait, and when it is
 * back everybody here is told that announcements of others were missed.
 */
export class NotifiedChanges implements Changes {
  readonly #session: DatabaseSession;
  readonly #node: Id;
  readonly #local = new LocalChanges();
  /** By their JSON, so that what is announced twice is sent once. */
  #waiting = new Set<string>();
  #overflown = false;
  #sending: Promise<void> | undefined;
  #opened = false;

  constructor(session: DatabaseSession, node: Id) {
    this.#session = session;
    this.#node = node;
    session.listen({
      opened: () => this.#listen(),
      notified: (channel, payload) => {
        if (channel === CHANNEL) this.#receive(payload);
      },
    });
  }

  announce(change: Change): void {
    this.#local.announce(change);
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(JSON.stringify(change));
    else this.#overflown = true;
    this.#send();
  }

  onHousehold(household: Id, listener: (change: HouseholdChange) => void): Unsubscribe {
    return this.#local.onHousehold(household, listener);
  }
  onRouter(listener: (change: RouterChange) => void): Unsubscribe {
    return this.#local.onRouter(listener);
  }
  onConnected(listener: (change: RouterConnected) => void): Unsubscribe {
    return this.#local.onConnected(listener);
  }
  onMissed(listener: () => void): Unsubscribe {
    return this.#local.onMissed(listener);
  }

  /** Resolves when what was announced is sent, or the session is lost. */
  async sent(): Promise<void> {
    await this.#sending;
  }

  async #listen(): Promise<void> {
    await this.#session.query(`listen ${CHANNEL}`);
    if (this.#opened) this.#local.announceMissed();
    this.#opened = true;
    this.#send();
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, WINDOW));
    while (this.#waiting.size > 0) {
      const taken = this.#take();
      try {
        await this.#notify(`{"node":"${this.#node}","changes":[${taken.join(',')}]}`);
        if (this.#overflown) await this.#notify(`{"node":"${this.#node}","changes":null}`);
        this.#overflown = false;
      } catch {
        // They go when the session is open again; whether they went already is not known, and twice does no harm.
        this.#waiting = new Set([...taken, ...this.#waiting]);
        return;
      }
    }
  }

  async #notify(payload: string): Promise<void> {
    await this.#session.query('select pg_notify($1, $2)', [CHANNEL, payload]);
  }

  /** As many as one notification takes. */
  #take(): string[] {
    const taken: string[] = [];
    let bytes = 100;
    for (const change of this.#waiting) {
      bytes += Buffer.byteLength(change) + 1;
      if (bytes > MAX_BYTES && taken.length > 0) break;
      taken.push(change);
      this.#waiting.delete(change);
    }
    return taken;
  }

  #receive(payload: string): void {
    const notification = notificationSchema.safeParse(parseJson(payload));
    if (!notification.success) {
      // A newer version tells of something that this one does not know.
      this.#local.announceMissed();
      return;
    }
    const { node, changes } = notification.data;
    if (node === this.#node) return;
    if (changes === null) this.#local.announceMissed();
    else for (const change of changes) this.#local.announce(change);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

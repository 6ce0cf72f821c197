import type { FastifyBaseLogger } from 'fastify';
import type { DatabaseSession } from './session.ts';

/** An advisory lock of this number is held by the node that leads (postgresql.org/docs/current/explicit-locking.html). */
const LOCK = 4_867_113_001;
/** How soon another leads when the one that did is gone, milliseconds. */
const TRY_EVERY = 2_000;

/** Scheduled work, which one node does for all. */
export interface Duty {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Who does what is to be done once, not once a node: the one whose session holds a lock of PostgreSQL, which ends with
 * the session; with the embedded store this one. A session that is lost without a word may leave two for some seconds, so
 * a duty must bear to be done twice.
 */
export class Leadership {
  readonly #session: DatabaseSession | undefined;
  readonly #duties: Duty[];
  #log: Pick<FastifyBaseLogger, 'info' | 'error'> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #leads = false;
  #stopped = false;
  /** Starts and stops, one after the other. */
  #changing: Promise<void> = Promise.resolve();

  /** @param session undefined with the embedded store */
  constructor(session: DatabaseSession | undefined, duties: readonly Duty[]) {
    this.#session = session;
    this.#duties = [...duties];
    session?.listen({ lost: () => this.#lead(false) });
  }

  start(log: Pick<FastifyBaseLogger, 'info' | 'error'>): void {
    this.#log = log;
    if (this.#session === undefined) {
      this.#lead(true);
      return;
    }
    this.#timer = setInterval(() => void this.#try(), TRY_EVERY).unref();
    void this.#try();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#lead(false);
    await this.#changing;
    await this.#session?.query('select pg_advisory_unlock_all()').catch(() => undefined);
  }

  /** Does a duty from its beginning, where this node leads. */
  async again(duty: Duty): Promise<void> {
    this.#change(async () => {
      if (!this.#leads) return;
      await duty.stop();
      duty.start();
    });
    await this.#changing;
  }

  async #try(): Promise<void> {
    if (this.#leads || this.#session === undefined) return;
    try {
      const [row] = await this.#session.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [
        LOCK,
      ]);
      if (row?.held === true) this.#lead(true);
    } catch {
      // The session is lost; it is tried again when it is back.
    }
  }

  #lead(leads: boolean): void {
    if (this.#leads === leads || (leads && this.#stopped)) return;
    this.#leads = leads;
    this.#change(async () => {
      if (leads) for (const duty of this.#duties) duty.start();
      else for (const duty of this.#duties) await duty.stop();
    });
  }

  #change(change: () => Promise<void>): void {
    this.#changing = this.#changing.then(change).catch((error: unknown) => {
      this.#log?.error({ err: error }, 'scheduled work could not be started or stopped');
    });
  }
}

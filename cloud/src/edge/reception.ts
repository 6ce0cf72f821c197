import { noDocuments } from '@khien/shared/document';
import { codeOf, KhienError } from '@khien/shared/error';
import type { KhienEvent } from '@khien/shared/event';
import type { Instant } from '@khien/shared/id';
import { helloSchema, parseUpTopic, stateSchema, type UpTopic } from '@khien/shared/topic';
import type { PublishPacket } from 'aedes';
import type { FastifyBaseLogger } from 'fastify';
import type { z } from 'zod';
import type { Ingest, RouterBatch, RouterHello, RouterState } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { CommitQueue } from './commit-queue.ts';
import { noteOf, openBatch, parseJson } from './event-batch.ts';
import { newestOf } from './newest-state.ts';
import type { RouterConnection } from './router-connection.ts';

/** How often a rejection is recorded for a connection, milliseconds: a router that is broken is broken often. */
const REJECTION_STEP = 60_000;
/** While PostgreSQL writes one transaction, this process prepares the next. */
const POSTGRES_LANES = 2;
/** Between two transactions of hellos, milliseconds: when ten thousand routers come back, some dozens are in each. */
const HELLOS = 50;
const NOTHING = Buffer.alloc(0);

export interface ReceptionDeps {
  readonly ingest: Ingest;
  /** Whether it takes several transactions at a time. */
  readonly store: Pick<Store, 'engine'>;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  readonly now: () => Instant;
}

/** A state, and what it came by. */
interface ConnectionState extends RouterState {
  readonly connection: RouterConnection;
}

/** The same of a hello. */
interface ConnectionHello extends RouterHello {
  readonly connection: RouterConnection;
}

/**
 * Takes what routers publish. A message that was taken is acknowledged, also when it was no good: a router would only send
 * it again. What was no good is recorded among the router's own events, by code.
 */
export class Reception {
  readonly #deps: ReceptionDeps;
  readonly #events: CommitQueue<RouterBatch>;
  readonly #states: CommitQueue<ConnectionState>;
  readonly #hellos: CommitQueue<ConnectionHello>;
  readonly #greeted: (connection: RouterConnection) => void;

  /** @param greeted called when a router has said hello, so that what it lacks is known */
  constructor(deps: ReceptionDeps, greeted: (connection: RouterConnection) => void) {
    this.#deps = deps;
    this.#greeted = greeted;
    const { ingest, store } = deps;
    const lanes = store.engine === 'postgres' ? POSTGRES_LANES : 1;
    this.#events = new CommitQueue(
      (batches) => ingest.ingestMany(batches),
      ({ events }) => events.length,
      { lanes },
    );
    this.#states = new CommitQueue(
      (told) => ingest.applyStates(told),
      ({ state }) => 1 + state.devices.length,
      {
        lanes,
        // Or it might be written after what a newer connection has told, here or at another node.
        isWanted: ({ connection }) => connection.isOpen,
        supersede: (earlier, later) => ({ ...later, state: newestOf(earlier.state, later.state) }),
      },
    );
    this.#hellos = new CommitQueue(
      (told) => ingest.applyHellos(told),
      () => 1,
      {
        lanes,
        every: HELLOS,
        isWanted: ({ connection }) => connection.isOpen,
        supersede: (_, later) => later,
      },
    );
  }

  /**
   * Resolves when the message may be acknowledged: its events are committed. A rejection closes the connection.
   *
   * @throws KhienError `TOPIC_FORBIDDEN`, `ROUTER_UNKNOWN`; whatever the store throws
   */
  async receive(connection: RouterConnection, packet: PublishPacket): Promise<void> {
    const topic = parseUpTopic(packet.topic);
    if (topic === undefined || topic.router !== connection.router) {
      throw new KhienError(
        'TOPIC_FORBIDDEN',
        `no router but its own may publish to ${packet.topic.slice(0, 100)}`,
      );
    }
    if (packet.retain) throw new KhienError('TOPIC_FORBIDDEN', 'retained messages are not taken');
    const payload = packet.payload.toString();
    // Nobody else hears it, and the broker keeps it until PUBREL where it is of QoS 2.
    packet.payload = NOTHING;
    if (connection.household === undefined) this.#waiting(connection, topic.kind, payload);
    else if (topic.kind === 'events') await this.#takeEvents(connection, payload);
    else if (topic.kind === 'state') await this.#takeState(connection, payload);
    else await this.#hello(connection, payload);
  }

  /**
   * Of a router that waits for its family nothing is kept but what documents it has: what happens in a home concerns
   * nobody who has not claimed the router. Its state says all that is of use when somebody has.
   */
  #waiting(connection: RouterConnection, kind: UpTopic, payload: string): void {
    if (kind !== 'hello') return;
    const hello = helloSchema.safeParse(parseJson(payload));
    connection.hashes = (hello.success && hello.data.hashes) || {};
    connection.sent = hello.success ? hello.data.have : noDocuments;
  }

  /** Records that something of a router was no good, once a minute at most. */
  async reject(connection: RouterConnection, code: string, detail: string): Promise<void> {
    const events = this.#rejected(connection, code, detail);
    if (events.length > 0) await this.#events.put({ router: connection.router, events }, detail.length);
  }

  /** Records something about a router that only this side sees. */
  async note(connection: RouterConnection, code: string, detail: string): Promise<void> {
    const events = [noteOf(code, detail, this.#deps.now())];
    await this.#events.put({ router: connection.router, events }, detail.length);
  }

  /** Resolves when nothing waits to be committed. */
  async stop(): Promise<void> {
    await Promise.all([this.#events.stop(), this.#states.stop(), this.#hellos.stop()]);
  }

  async #takeEvents(connection: RouterConnection, payload: string): Promise<void> {
    const { events, rejection } = openBatch(payload);
    const rejected = rejection === undefined ? [] : this.#rejected(connection, 'EVENTS_REJECTED', rejection);
    const all = [...events, ...rejected];
    if (all.length > 0) {
      await this.#events.put({ router: connection.router, events: all }, Buffer.byteLength(payload));
    }
  }

  async #takeState(connection: RouterConnection, payload: string): Promise<void> {
    const state = stateSchema.safeParse(parseJson(payload));
    if (!state.success) return this.reject(connection, 'STATE_REJECTED', whereOf(state.error));
    try {
      const told = { router: connection.router, state: state.data, by: connection.id, connection };
      await this.#states.put(told, Buffer.byteLength(payload));
    } catch (error) {
      if (codeOf(error) === 'ROUTER_UNKNOWN') throw error;
      // QoS 0: the next one says it again.
      this.#deps.log.error({ err: error, router: connection.router }, 'a state cannot be written');
    }
  }

  /** A hello that cannot be read is taken for one of a router that has nothing: it is sent everything and judges itself. */
  async #hello(connection: RouterConnection, payload: string): Promise<void> {
    const hello = helloSchema.safeParse(parseJson(payload));
    if (hello.success) {
      const told = { router: connection.router, hello: hello.data, connection };
      await this.#hellos.put(told, Buffer.byteLength(payload));
    } else {
      await this.reject(connection, 'HELLO_REJECTED', whereOf(hello.error));
    }
    connection.hashes = (hello.success && hello.data.hashes) || {};
    connection.sent = hello.success ? hello.data.have : noDocuments;
    this.#greeted(connection);
  }

  #rejected(connection: RouterConnection, code: string, detail: string): KhienEvent[] {
    const now = this.#deps.now();
    if (now - connection.rejectedAt < REJECTION_STEP) return [];
    connection.rejectedAt = now;
    this.#deps.log.warn({ router: connection.router, code, detail }, 'a message was rejected');
    return [noteOf(code, detail, now)];
  }
}

function whereOf(error: z.core.$ZodError): string {
  return error.issues[0]?.path.join('.') ?? '';
}

import { setTimeout as sleep } from 'node:timers/promises';
import { signedDocumentSchema } from '@khien/shared/document';
import { type Id, newId } from '@khien/shared/id';
import { topics } from '@khien/shared/topic';
import { z } from 'zod';
import { FleetRouter } from '../fleet/fleet-router.ts';
import type { FleetIdentity } from '../fleet/identities.ts';

const headSchema = z.object({ kind: z.string(), version: z.number() });

const EVENTS_IN_A_BATCH = 16;
/** Batches that a router sends before the first of them is acknowledged. */
const UNDER_WAY = 4;
const COME_BACK_AFTER = 50;

/**
 * Routers that tell of blocked tries without a pause, reconnect by themselves, and send again what was not acknowledged, as
 * the real ones do. Remembers what was.
 */
export class Load {
  /** Ids of events whose acknowledgement came. */
  readonly acknowledged = new Set<Id>();
  /** The newest version of the policy that came to each router. */
  readonly policies = new Map<Id, { readonly version: number; readonly text: string }>();
  /** Events that were sent again. */
  repeated = 0;
  reconnects = 0;
  lastAcknowledgedAt = 0;
  readonly #edge: () => { host: string; port: number };
  #stopping = false;
  #running: Promise<unknown> = Promise.resolve();

  /** @param edge where to connect to next */
  constructor(edge: () => { host: string; port: number }) {
    this.#edge = edge;
  }

  start(identities: readonly FleetIdentity[]): void {
    this.#running = Promise.all(identities.map((identity) => this.#run(identity)));
  }

  /** Resolves when what was sent is acknowledged. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(identity: FleetIdentity): Promise<void> {
    const unacknowledged = new Map<Id, string>();
    while (!this.#stopping || unacknowledged.size > 0) {
      try {
        const router = await FleetRouter.connect(identity, this.#edge());
        await this.#use(router, unacknowledged);
      } catch {
        this.reconnects += 1;
        await sleep(COME_BACK_AFTER + Math.random() * COME_BACK_AFTER);
      }
    }
  }

  async #use(router: FleetRouter, unacknowledged: Map<Id, string>): Promise<void> {
    const { identity } = router;
    router.onDocument = (payload) => this.#keepPolicy(identity.router, payload);
    try {
      const hello = {
        daemon: '0.1.0',
        have: { policy: this.policies.get(identity.router)?.version ?? 0, contacts: 0, lists: 0 },
        at: Date.now(),
        timeSource: 'ntp',
      };
      await router.publishTo(topics.hello(identity.router), JSON.stringify(hello));
      // Oldest first, as the outbox of a router.
      this.repeated += unacknowledged.size * EVENTS_IN_A_BATCH;
      for (const [id, payload] of unacknowledged) await this.#send(router, id, payload, unacknowledged);
      const lane = async (): Promise<void> => {
        while (!this.#stopping) {
          const id = newId();
          const payload = batchOf(identity);
          unacknowledged.set(id, payload);
          await this.#send(router, id, payload, unacknowledged);
        }
      };
      await Promise.all(Array.from({ length: UNDER_WAY }, lane));
    } finally {
      router.close();
    }
  }

  async #send(router: FleetRouter, id: Id, payload: string, unacknowledged: Map<Id, string>): Promise<void> {
    await router.publishTo(topics.events(router.identity.router), payload);
    this.lastAcknowledgedAt = performance.now();
    unacknowledged.delete(id);
    for (const event of idsOf(payload)) this.acknowledged.add(event);
  }

  #keepPolicy(router: Id, payload: Buffer): void {
    const text = payload.toString();
    const { kind, version } = headSchema.parse(signedDocumentSchema.parse(JSON.parse(text)).document);
    if (kind === 'policy') this.policies.set(router, { version, text });
  }
}

/** Bursts of one try each, so that what the parents see can be counted too. */
function batchOf({ profile, device }: FleetIdentity): string {
  const at = Date.now();
  const events = Array.from({ length: EVENTS_IN_A_BATCH }, () => ({
    id: newId(),
    at,
    timeSource: 'ntp',
    kind: 'blocked',
    profile,
    device,
    burst: newId(),
    target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
    count: 1,
    firstAt: at,
    lastAt: at,
  }));
  return JSON.stringify({ events });
}

function idsOf(payload: string): Id[] {
  return [...payload.matchAll(/"id":"([0-9A-Z]{26})"/g)].map(([, id]) => id ?? '');
}

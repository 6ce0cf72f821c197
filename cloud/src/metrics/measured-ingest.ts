import type { KhienEvent } from '@khien/shared/event';
import type { Id } from '@khien/shared/id';
import type { Ingest, RouterBatch, RouterHello, RouterState } from '../ports.ts';
import type { Metrics } from './metrics.ts';

/**
 * An ingest that counts what goes through it. What fails is tried again, many times while the store is away, and is counted as
 * failed once.
 */
export class MeasuredIngest implements Ingest {
  /** What has failed before. */
  readonly #failed = new WeakSet<object>();
  readonly #ingest: Ingest;
  readonly #metrics: Metrics;

  constructor(ingest: Ingest, metrics: Metrics) {
    this.#ingest = ingest;
    this.#metrics = metrics;
  }

  async ingest(router: Id, events: readonly KhienEvent[]): Promise<void> {
    const [result] = await this.ingestMany([{ router, events }]);
    if (result?.status === 'rejected') throw result.reason;
  }

  async ingestMany(batches: readonly RouterBatch[]): Promise<readonly PromiseSettledResult<void>[]> {
    const { commits, commitBatches, events } = this.#metrics;
    const ended = commits.startTimer();
    commitBatches.observe(batches.length);
    let failed = batches;
    try {
      const results = await this.#ingest.ingestMany(batches);
      failed = batches.filter((_batch, index) => results[index]?.status !== 'fulfilled');
      return results;
    } finally {
      ended();
      events.inc({ result: 'committed' }, countOf(batches) - countOf(failed));
      events.inc({ result: 'failed' }, countOf(this.#failing(failed)));
    }
  }

  applyStates(told: readonly RouterState[]): Promise<readonly PromiseSettledResult<void>[]> {
    return this.#reported('state', told, this.#ingest.applyStates(told));
  }

  applyHellos(told: readonly RouterHello[]): Promise<readonly PromiseSettledResult<void>[]> {
    return this.#reported('hello', told, this.#ingest.applyHellos(told));
  }

  async #reported(
    kind: 'state' | 'hello',
    told: readonly object[],
    committing: Promise<readonly PromiseSettledResult<void>[]>,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    const { reports } = this.#metrics;
    let failed = told;
    try {
      const results = await committing;
      failed = told.filter((_one, index) => results[index]?.status !== 'fulfilled');
      return results;
    } finally {
      reports.inc({ kind, result: 'committed' }, told.length - failed.length);
      reports.inc({ kind, result: 'failed' }, this.#failing(failed).length);
    }
  }

  /** Those that fail for the first time. */
  #failing<T extends object>(failed: readonly T[]): readonly T[] {
    const first = failed.filter((one) => !this.#failed.has(one));
    for (const one of first) this.#failed.add(one);
    return first;
  }
}

function countOf(batches: readonly RouterBatch[]): number {
  return batches.reduce((count, { events }) => count + events.length, 0);
}

import type { KhienEvent } from '@khien/shared/event';
import type { Id } from '@khien/shared/id';
import type { Hello, State } from '@khien/shared/topic';
import type { Ingest, RouterBatch, RouterState } from '../ports.ts';
import type { Metrics } from './metrics.ts';

/** An ingest that counts what goes through it. */
export class MeasuredIngest implements Ingest {
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
      events.inc({ result: 'failed' }, countOf(failed));
      events.inc({ result: 'committed' }, countOf(batches) - countOf(failed));
    }
  }

  applyState(router: Id, state: State): Promise<void> {
    return this.#counted('state', this.#ingest.applyState(router, state));
  }

  async applyStates(told: readonly RouterState[]): Promise<readonly PromiseSettledResult<void>[]> {
    const { reports } = this.#metrics;
    let committed = 0;
    try {
      const results = await this.#ingest.applyStates(told);
      committed = results.filter(({ status }) => status === 'fulfilled').length;
      return results;
    } finally {
      reports.inc({ kind: 'state', result: 'committed' }, committed);
      reports.inc({ kind: 'state', result: 'failed' }, told.length - committed);
    }
  }

  hello(router: Id, hello: Hello): Promise<void> {
    return this.#counted('hello', this.#ingest.hello(router, hello));
  }

  async #counted(kind: 'state' | 'hello', work: Promise<void>): Promise<void> {
    let result = 'failed';
    try {
      await work;
      result = 'committed';
    } finally {
      this.#metrics.reports.inc({ kind, result });
    }
  }
}

function countOf(batches: readonly RouterBatch[]): number {
  return batches.reduce((count, { events }) => count + events.length, 0);
}

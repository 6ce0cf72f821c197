import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds: from what is read from memory to what waits for a disk. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BATCHES = [1, 4, 16, 64, 256, 1024];

/**
 * What an operator watches, in the text form of Prometheus. Names follow prometheus.io/docs/practices/naming. No label is
 * a household, a router, an account or an address: labels are bounded, and what is counted says nothing of anybody.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'khien_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer. Streams are not in it.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATIONS,
    registers: [this.registry],
  });

  readonly commits = new Histogram({
    name: 'khien_ingest_commit_duration_seconds',
    help: 'From a group of batches to its commit.',
    buckets: DURATIONS,
    registers: [this.registry],
  });

  readonly commitBatches = new Histogram({
    name: 'khien_ingest_commit_batches',
    help: 'Batches of routers in one group.',
    buckets: BATCHES,
    registers: [this.registry],
  });

  readonly events = new Counter({
    name: 'khien_ingest_events_total',
    help: 'Events that routers sent, by what became of them: committed (repeats too), or failed, once however often they are tried again.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  });

  readonly reports = new Counter({
    name: 'khien_ingest_reports_total',
    help: 'Hellos and states of routers, counted as events are.',
    labelNames: ['kind', 'result'] as const,
    registers: [this.registry],
  });

  readonly errors = new Counter({
    name: 'khien_errors_total',
    help: 'Answers with status 500 and above, by code.',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A value that is asked for whenever somebody looks. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** All of it, in the text exposition format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

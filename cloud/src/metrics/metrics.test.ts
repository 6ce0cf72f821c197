import { noDocuments } from '@khien/shared/document';
import { KhienError } from '@khien/shared/error';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';
import { httpMetricsPlugin } from './http-metrics.ts';
import { MeasuredIngest } from './measured-ingest.ts';
import { Metrics } from './metrics.ts';
import { MetricsServer } from './metrics-server.ts';

let cloud: TestCloud;
const metrics = new Metrics();

beforeEach(async () => {
  metrics.registry.resetMetrics();
  cloud = await TestCloud.start();
});
afterEach(() => cloud.stop());

async function sampleOf(line: string): Promise<number> {
  const found = (await metrics.text()).split('\n').find((text) => text.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? 0);
}

const found = (mac: string) => ({
  id: newId(),
  at: cloud.now,
  timeSource: 'ntp' as const,
  kind: 'device-found' as const,
  mac,
  hostname: null,
  fingerprint: null,
});

test('events are counted by what became of them', async () => {
  const parent = await cloud.signUp();
  const router = await cloud.claimRouter(parent);
  const ingest = new MeasuredIngest(cloud.ingest, metrics);
  const results = await ingest.ingestMany([
    { router, events: [found('02:00:00:00:00:01'), found('02:00:00:00:00:02')] },
    { router: newId(), events: [found('02:00:00:00:00:03')] },
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await sampleOf('khien_ingest_events_total{result="committed"}')).toBe(2);
  expect(await sampleOf('khien_ingest_events_total{result="failed"}')).toBe(1);
  expect(await sampleOf('khien_ingest_commit_duration_seconds_count')).toBe(1);
  await expect(ingest.ingest(newId(), [found('02:00:00:00:00:04')])).rejects.toMatchObject({
    code: 'ROUTER_UNKNOWN',
  });
  const hello = { daemon: '1', have: noDocuments, at: cloud.now, timeSource: 'ntp' } as const;
  expect(await ingest.applyHellos([{ router: newId(), hello }])).toMatchObject([{ status: 'rejected' }]);
  expect(await sampleOf('khien_ingest_reports_total{kind="hello",result="failed"}')).toBe(1);
});

test('what is tried again while the store is away has failed once', async () => {
  const router = newId();
  const away = (): Promise<never> => Promise.reject(new KhienError('STORE_UNAVAILABLE', 'gone'));
  const ingest = new MeasuredIngest(
    { ingest: away, ingestMany: away, applyStates: away, applyHellos: away },
    metrics,
  );
  const batch = { router, events: [found('02:00:00:00:00:01'), found('02:00:00:00:00:02')] };
  const hello = { daemon: '1', have: noDocuments, at: cloud.now, timeSource: 'ntp' } as const;
  const greeting = { router, hello };
  const state = {
    ...{ at: cloud.now, timeSource: 'ntp' as const, daemon: '1', inForce: noDocuments },
    ...{ enforcement: 'enforcing', devices: [], usage: [], lists: null },
  };
  const told = { router, state };
  for (let tries = 0; tries < 5; tries += 1) {
    await expect(ingest.ingestMany([batch])).rejects.toThrow('gone');
    await expect(ingest.applyStates([told])).rejects.toThrow('gone');
    await expect(ingest.applyHellos([greeting])).rejects.toThrow('gone');
  }
  expect(await sampleOf('khien_ingest_events_total{result="failed"}')).toBe(2);
  expect(await sampleOf('khien_ingest_reports_total{kind="state",result="failed"}')).toBe(1);
  expect(await sampleOf('khien_ingest_reports_total{kind="hello",result="failed"}')).toBe(1);
});

test('is served on its own address, and nothing else is', async () => {
  const server = new MetricsServer(metrics, { host: '127.0.0.1', port: 0 });
  await server.start();
  const { port } = server;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await answer.text()).toContain('process_resident_memory_bytes');
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/metrics`, { method: 'POST' })).status).toBe(404);
  } finally {
    await server.stop();
  }
});

test('requests are counted by route, never by address', async () => {
  const { default: Fastify } = await import('fastify');
  const app = Fastify();
  await app.register(httpMetricsPlugin, { metrics });
  app.get('/households/:household', () => ({}));
  app.get('/broken', () => {
    throw new Error('no');
  });
  await app.inject('/households/0198b2a0');
  await app.inject('/broken');
  await app.inject('/elsewhere/0198b2a0');
  await app.close();
  const text = await metrics.text();
  expect(text).toContain('route="/households/:household",status="200"');
  expect(text).toContain('route="none",status="404"');
  expect(await sampleOf('khien_errors_total{code="UNEXPECTED"}')).toBe(1);
  expect(text).not.toContain('0198b2a0');
});

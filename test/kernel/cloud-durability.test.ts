import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authority } from '@khien/cloud/authority/authority';
import { freePort } from '@khien/cloud/free-port.fixture';
import { openStore } from '@khien/cloud/store/open';
import type { KhienEvent } from '@khien/shared/event';
import { type Id, newId } from '@khien/shared/id';
import { topics } from '@khien/shared/topic';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROUTERS = 6;
const KILLS = 5;
/** Batches that a router has on the way at once, and events in each. */
const PIPELINE = 4;
const BATCH = 5;

const bundle = fileURLToPath(new URL('../../cloud/dist/khien-cloud.mjs', import.meta.url));
let folder: string;
let port: number;
let cloud: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khien-durability-'));
  port = await freePort();
});
afterAll(() => {
  cloud?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A router with an outbox: what is not acknowledged is sent again on the next connection, with the same ids. */
class Publisher {
  readonly id: Id;
  readonly sent = new Set<Id>();
  readonly acknowledged = new Set<Id>();
  readonly #options: IClientOptions;
  readonly #outbox: KhienEvent[][] = [];
  #client: MqttClient | undefined;
  #filling = true;

  constructor(id: Id, options: IClientOptions) {
    this.id = id;
    this.#options = options;
  }

  start(): void {
    for (let i = 0; i < PIPELINE; i += 1) this.#outbox.push(this.#newBatch());
    this.#connect();
  }

  /** Makes no more events; resolves when all are acknowledged. */
  async finish(): Promise<void> {
    this.#filling = false;
    while (this.#outbox.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.#client?.endAsync();
  }

  #connect(): void {
    const client = connect({ ...this.#options, clientId: this.id, reconnectPeriod: 0, connectTimeout: 2000 });
    this.#client = client;
    client.on('error', () => undefined);
    client.on('connect', () => {
      for (const batch of [...this.#outbox]) this.#send(client, batch);
    });
    client.on('close', () => {
      if (this.#outbox.length > 0) setTimeout(() => this.#connect(), 50);
    });
  }

  #send(client: MqttClient, batch: KhienEvent[]): void {
    for (const { id } of batch) this.sent.add(id);
    client.publish(topics.events(this.id), JSON.stringify({ events: batch }), { qos: 1 }, (error) => {
      if (error) return;
      for (const { id } of batch) this.acknowledged.add(id);
      this.#outbox.splice(this.#outbox.indexOf(batch), 1);
      if (!this.#filling) return;
      const next = this.#newBatch();
      this.#outbox.push(next);
      this.#send(client, next);
    });
  }

  #newBatch(): KhienEvent[] {
    return Array.from({ length: BATCH }, () => ({
      id: newId(),
      at: Date.now(),
      timeSource: 'ntp',
      kind: 'router',
      code: 'TEST',
      detail: '',
    }));
  }
}

test('kill -9 under load: every acknowledged event is in the store, once', { timeout: 120_000 }, async () => {
  const publishers = await enrolledRouters();
  await startCloud();
  for (const publisher of publishers) publisher.start();
  const count = () => publishers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);

  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = count();
    while (count() < before + 100) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    await endCloud('SIGKILL');
    const acknowledged = new Set(publishers.flatMap((publisher) => [...publisher.acknowledged]));
    const stored = new Set((await storedEvents()).map(({ id }) => id));
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    await startCloud();
  }
  await Promise.all(publishers.map((publisher) => publisher.finish()));
  await endCloud('SIGTERM');
  expect(cloud?.exitCode).toBe(0);

  const stored = await storedEvents();
  const expected = publishers.flatMap(({ id, sent }) => [...sent].map((event) => `${id} ${event}`));
  expect(stored.map(({ router, id }) => `${router} ${id}`).sort()).toEqual(expected.sort());
  expect(count()).toBe(expected.length);
});

async function enrolledRouters(): Promise<Publisher[]> {
  const store = await openStore(join(folder, 'khien.sqlite'));
  const authority = await Authority.open(store.db);
  const household = newId();
  await store.db
    .insertInto('household')
    .values({ id: household, name: 'Nhà', zone: 'Asia/Ho_Chi_Minh', language: 'vi', created_at: 1 })
    .execute();
  const publishers: Publisher[] = [];
  for (let i = 0; i < ROUTERS; i += 1) {
    const id = newId();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
    await store.db
      .insertInto('router')
      .values({ id, household, name: `${i}`, model: 'test', public_key: publicKey, enrolled_at: 1 })
      .execute();
    const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const cert = await authority.issueRouterCertificate(id, publicKey);
    const ca = authority.certificate;
    publishers.push(new Publisher(id, { protocol: 'mqtts', host: 'localhost', port, key, cert, ca }));
  }
  await store.close();
  return publishers;
}

async function storedEvents(): Promise<{ id: Id; router: Id }[]> {
  const store = await openStore(join(folder, 'khien.sqlite'));
  const rows = await store.db.selectFrom('event').select(['id', 'router']).execute();
  await store.close();
  return rows;
}

async function startCloud(): Promise<void> {
  const child = spawn(process.execPath, [bundle], {
    env: {
      PATH: process.env.PATH,
      KHIEN_DATA: folder,
      KHIEN_HTTP_LISTEN: '127.0.0.1:0',
      KHIEN_PUBLIC_URL: 'http://localhost',
      KHIEN_MQTT_LISTEN: `127.0.0.1:${port}`,
      KHIEN_LOG: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cloud = child;
  const said = once(child.stdout, 'data').then(([line]) => String(line));
  const outcome = await Promise.race([said, once(child, 'exit').then(() => 'it ended')]);
  if (!outcome.includes('Khiên')) throw new Error(`the cloud did not start: ${outcome}`);
}

async function endCloud(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (cloud === undefined) return;
  const exited = once(cloud, 'exit');
  cloud.kill(signal);
  await exited;
}

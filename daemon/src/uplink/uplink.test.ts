import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { eventBatchSchema } from '@khien/shared/event';
import { MAX_MESSAGE_BYTES, type State, stateSchema } from '@khien/shared/topic';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { Outbox } from '../outbox/outbox.ts';
import { Broker } from './fixture/broker.ts';
import { StatePublisher } from './state-publisher.ts';
import { Uplink } from './uplink.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Remembers how long the uplink waits. */
class WaitingClock extends ManualClock {
  readonly delays: number[] = [];

  override after(delay: number, run: () => void): () => void {
    this.delays.push(delay);
    return super.after(delay, run);
  }
}

describe('the uplink', () => {
  let broker: Broker;
  let folder: string;
  let clock: WaitingClock;
  let outbox: Outbox;
  let uplink: Uplink;
  let received: Buffer[];
  let state: State;
  let publisher: StatePublisher;
  let publisherClock: ManualClock;
  let expirations: number;

  beforeEach(async () => {
    broker = await Broker.start();
    folder = await mkdtemp(join(tmpdir(), 'khien-uplink-'));
    clock = new WaitingClock();
    outbox = new Outbox({ folder: join(folder, 'outbox'), clock, log: silent, capacity: 1000 });
    await outbox.start();
    clock.delays.length = 0;
    expirations = 0;
    received = [];
    state = {
      at: clock.now(),
      timeSource: 'ntp',
      daemon: '0.1.0',
      inForce: { policy: 0, contacts: 0, lists: 0 },
      enforcement: 'enforcing',
      devices: [],
      usage: [],
      lists: null,
    };
    publisherClock = new ManualClock();
    publisher = new StatePublisher({
      clock: publisherClock,
      state: () => state,
      publish: () => uplink.publishState(),
      changes: [],
    });
    uplink = new Uplink({
      identity: broker.identity,
      privateKey: broker.privateKey,
      outbox,
      clock,
      log: silent,
      daemon: '0.1.0',
      versions: () => ({ policy: 0, contacts: 0, lists: 0 }),
      hashes: () => ({ policy: 'abc' }),
      state: () => state,
      stateTold: (told) => publisher.told(told),
      receive: (bytes) => {
        received.push(Buffer.from(bytes));
        return Promise.resolve();
      },
      unknown: () => undefined,
      expired: () => {
        expirations += 1;
      },
      longestBackOffMs: 60_000,
    });
  });
  afterEach(async () => {
    await uplink.stop();
    await publisher.stop();
    await outbox.stop();
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('says which documents it has, and what tells them from others of their version', async () => {
    await uplink.start();
    await expect.poll(() => broker.published.length).toBeGreaterThan(0);
    const hello = broker.published.find(({ topic }) => topic.endsWith('/hello'));
    expect(JSON.parse(hello?.payload ?? '{}')).toMatchObject({ hashes: { policy: 'abc' } });
  });

  it('tells when the cloud does not take its certificate any more', async () => {
    broker.returnCode = 4;
    await uplink.start();
    await expect.poll(() => expirations).toBe(1);
  });

  const put = (detail: string) => outbox.put({ kind: 'router', code: 'STARTED', detail });
  /** The details of the events that were sent, batch by batch. */
  const sent = (): string[][] =>
    broker.published
      .filter(({ topic }) => topic.endsWith('/events'))
      .map(({ payload }) =>
        eventBatchSchema
          .parse(JSON.parse(payload))
          .events.map((event) => (event.kind === 'router' ? event.detail : event.kind)),
      );
  /** Waits for the next try to connect, and begins it. */
  const again = async (tries: number): Promise<void> => {
    await expect.poll(() => clock.delays.length).toBeGreaterThanOrEqual(tries);
    clock.advance(60_000);
  };

  it('sends again what was not acknowledged when the connection ended, in order, and forgets it then', async () => {
    broker.acknowledge = ({ topic }) => (topic.endsWith('/events') ? 'close' : true);
    await put('a');
    await uplink.start();
    await expect.poll(() => sent()).toEqual([['a']]);
    await put('b');
    expect(outbox.size).toBe(2);
    broker.acknowledge = () => true;
    await again(1);
    await expect.poll(() => outbox.size).toBe(0);
    expect(sent()).toEqual([['a'], ['a', 'b']]);
  });

  it('stops in time though the cloud does not acknowledge what was sent', async () => {
    broker.acknowledge = ({ topic }) => !topic.endsWith('/events');
    await put('a');
    await uplink.start();
    await expect.poll(() => sent()).toEqual([['a']]);
    const before = performance.now();
    await uplink.stop();
    expect(performance.now() - before).toBeLessThan(3000);
    expect(outbox.size).toBe(1);
  });

  it('comes back ever later to a cloud that lets it in and hangs up', async () => {
    broker.acknowledge = () => 'close';
    await uplink.start();
    for (let tries = 1; tries <= 10; tries += 1) await again(tries);
    expect(Math.max(...clock.delays)).toBeGreaterThan(2000);
  });

  it('tells a state again after the connection began with another, and no state twice', async () => {
    const told = (): string[] =>
      broker.published
        .filter(({ topic }) => topic.endsWith('/state'))
        .map(({ payload }) => stateSchema.parse(JSON.parse(payload)).enforcement);
    const sockets: TLSSocket[] = [];
    broker.letIn = (socket) => void sockets.push(socket);
    await publisher.start();
    await uplink.start();
    await expect.poll(told).toEqual(['enforcing']);
    publisherClock.advance(60_000);
    sockets[0]?.destroy();
    state = { ...state, enforcement: 'ENFORCE_REFUSED' };
    await again(1);
    await expect.poll(told).toEqual(['enforcing', 'ENFORCE_REFUSED']);
    publisherClock.advance(60_000);
    state = { ...state, enforcement: 'enforcing' };
    publisherClock.advance(60_000);
    await expect.poll(told).toEqual(['enforcing', 'ENFORCE_REFUSED', 'enforcing']);
  });

  it('tells a state that the cloud can take, however many addresses the devices have made up', async () => {
    state = {
      ...state,
      devices: Array.from({ length: 512 }, (_, n) => ({
        mac: `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
        hostname: '\u{1f6e1}'.repeat(31),
        addresses: Array.from(
          { length: 16 },
          (_, at) => `2001:0db8:1111:2222:3333:4444:${1000 + n}:${1000 + at}`,
        ),
        present: n % 2 === 0,
        lastSeenAt: 1_790_000_000_000 + n,
        fingerprint: null,
      })),
    };
    await uplink.start();
    await expect.poll(() => broker.published.some(({ topic }) => topic.endsWith('/state'))).toBe(true);
    const payload = broker.published.find(({ topic }) => topic.endsWith('/state'))?.payload ?? '';
    expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
    const told = stateSchema.parse(JSON.parse(payload)).devices;
    expect(told.filter(({ present }) => present).map(({ mac }) => mac)).toEqual(
      state.devices.filter(({ present }) => present).map(({ mac }) => mac),
    );
  });

  it('hangs up on a broker that announces a message larger than any may be', async () => {
    let closed = false;
    broker.letIn = (socket) => {
      socket.on('close', () => {
        closed = true;
      });
      // PUBLISH, 200 MB.
      socket.write(Buffer.from('30808ddc5f', 'hex'));
    };
    await uplink.start();
    await expect.poll(() => closed, { timeout: 3000 }).toBe(true);
  });
});

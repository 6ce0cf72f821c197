import { type Id, newId } from '@khien/shared/id';
import { expect, vi } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { ZoneClock } from '../zone/clock.ts';
import { fanOut } from './fan-out.ts';
import { deliverDue } from './outbox.ts';
import { PushService } from './push-service.fixture.ts';
import { pushSender, type Send } from './sender.ts';
import { openVapid } from './vapid.ts';

/** A household with a child and a device, whose people are told things through a push service. */
export class PushedHome {
  readonly cloud: TestCloud;
  service: PushService;
  readonly parent: Parent;
  readonly router: Id;
  readonly device: Id;
  readonly profile: Id;
  readonly #send: Send;

  private constructor(
    parts: Pick<PushedHome, 'cloud' | 'service' | 'parent' | 'router' | 'device' | 'profile'>,
    send: Send,
  ) {
    this.cloud = parts.cloud;
    this.service = parts.service;
    this.parent = parts.parent;
    this.router = parts.router;
    this.device = parts.device;
    this.profile = parts.profile;
    this.#send = send;
  }

  static async start(): Promise<PushedHome> {
    const cloud = await TestCloud.start();
    const vapid = await openVapid(cloud.store.db, new URL('https://khien.test'), cloud.now);
    const service = await PushService.start(cloud.store, vapid.publicKey);
    const parent = await cloud.signUp();
    const router = await cloud.claimRouter(parent);
    const device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01');
    const profile = await parent.addChild();
    await parent.patch(`/devices/${device}`, { profile });
    await cloud.store.db.deleteFrom('notification').execute();
    const send = pushSender(vapid, service.resolve, service.ca);
    return new PushedHome({ cloud, service, parent, router, device, profile }, send);
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.cloud.stop();
  }

  /** A browser of the person takes pushes. */
  async subscribe(person: Parent, name: string): Promise<void> {
    const { subscription } = this.service.browser(name);
    expect((await person.call('PUT', '/api/v1/account/push', subscription)).statusCode).toBe(204);
  }

  async childAsks(ask: 'time' | 'help', minutes = 15): Promise<Id> {
    const { cloud, profile, device } = this;
    const request = newId(cloud.now);
    await cloud.ingest.ingest(this.router, [
      {
        id: newId(cloud.now),
        at: cloud.now,
        timeSource: 'ntp',
        kind: 'request',
        request,
        profile,
        device,
        ask,
        minutes,
        text: 'con xin',
      },
    ]);
    return request;
  }

  deps() {
    const { store, changes } = this.cloud;
    const log = { error: vi.fn(), warn: vi.fn() };
    return { store, changes, zones: new ZoneClock(), send: this.#send, log, now: () => this.cloud.now };
  }

  /** What the job does each time. */
  async round(): Promise<void> {
    while ((await fanOut(this.deps())) + (await deliverDue(this.deps())) > 0);
  }

  waiting() {
    return this.cloud.store.db.selectFrom('delivery').selectAll().orderBy('id').execute();
  }

  told() {
    return this.service.received.map(({ browser, message }) => [browser, message] as const);
  }
}

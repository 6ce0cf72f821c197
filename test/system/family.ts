import { setTimeout as delay } from 'node:timers/promises';
import { type ActivityItem, activityPageSchema } from '@khien/cloud/activity/schema';
import { type Home, homeSchema, profileViewSchema } from '@khien/cloud/households/schema';
import { accountSchema } from '@khien/cloud/identity/schema';
import type { AgeBand, Rules } from '@khien/shared/policy';
import { z } from 'zod';
import { type Device, eventually, type VirtualHome } from '../home/index.ts';
import { HostWorker } from './host-worker.ts';

const answerSchema = z.object({
  status: z.int(),
  body: z.string(),
  sentAt: z.number(),
  answeredAt: z.number(),
});

/** When a request left the phone and when its answer began to come, in milliseconds of CLOCK_MONOTONIC. */
export type Tap = Pick<z.infer<typeof answerSchema>, 'sentAt' | 'answeredAt'>;

/** What the web UI asks when a child is added. */
export interface ChildSpec {
  readonly name?: string;
  readonly ageBand?: AgeBand;
}

/** A parent with a phone: what the web UI does, as plain HTTP. Of several children, the last one added is spoken of. */
export class Family {
  readonly #phone: HostWorker;
  #household = '';
  #child = '';

  constructor(home: VirtualHome) {
    this.#phone = new HostWorker(home.phone, new URL('phone-worker.ts', import.meta.url));
  }

  async signUp(email = 'me@khien.example'): Promise<void> {
    const { body } = await this.#send('POST', '/api/v1/account', {
      email,
      password: 'mot gia dinh vui ve',
      name: 'Mẹ',
      household: { name: 'Nhà An', zone: 'Asia/Ho_Chi_Minh' },
      language: 'vi',
    });
    const [household] = accountSchema.parse(JSON.parse(body)).households;
    if (household === undefined) throw new Error('the new account has no household');
    this.#household = `/api/v1/households/${household.id}`;
  }

  async claimRouter(claimCode: string): Promise<void> {
    await this.#send('POST', `${this.#household}/routers`, { claimCode });
  }

  async letRoutersGo(): Promise<void> {
    for (const { id } of (await this.home()).routers) {
      await this.#send('DELETE', `${this.#household}/routers/${id}`);
    }
  }

  home(): Promise<Home> {
    return this.#send('GET', this.#household).then(({ body }) => homeSchema.parse(JSON.parse(body)));
  }

  /** What the child was kept from, and tries to get round the rules, newest first. */
  async activity(): Promise<ActivityItem[]> {
    const { body } = await this.#send('GET', `${this.#household}/activity?limit=100`);
    return activityPageSchema.parse(JSON.parse(body)).items;
  }

  /** Makes a child with the preset of its age but no bedtimes, and gives it a device once the router has reported that. */
  async addChild(device: Device, { name = 'An', ageBand = '9-11' }: ChildSpec = {}): Promise<void> {
    const made = await this.#send('POST', `${this.#household}/profiles`, { name, ageBand });
    const { id, rules } = profileViewSchema.parse(JSON.parse(made.body));
    this.#child = `${this.#household}/profiles/${id}`;
    await this.setRules({ ...rules, schedules: [] });
    await this.giveDevice(device);
  }

  /** Gives the child a device once the router has reported that. */
  async giveDevice(device: Device): Promise<void> {
    const profile = this.#child.split('/').at(-1);
    const found = await eventually(
      `the cloud knows the ${device.name}`,
      async () => (await this.home()).devices.find(({ macs }) => macs.includes(device.mac)),
      20_000,
    );
    await this.#send('PATCH', `${this.#household}/devices/${found.id}`, { profile });
  }

  /** The child's rules now. */
  async rules(): Promise<Rules> {
    const child = (await this.home()).profiles.find(({ id }) => this.#child.endsWith(`/${id}`));
    if (child === undefined) throw new Error('the household has no child');
    return child.rules;
  }

  setRules(rules: Rules): Promise<Tap> {
    return this.#send('PATCH', this.#child, { rules });
  }

  pause(): Promise<Tap> {
    return this.#send('PUT', `${this.#child}/pause`, { minutes: null });
  }

  resume(): Promise<Tap> {
    return this.#send('DELETE', `${this.#child}/pause`);
  }

  /** Any other change: `path` is below the household, or below the child where it begins with `child/`. Gives the answer's JSON. */
  async change(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown = null,
  ): Promise<unknown> {
    const full = path.startsWith('child/') ? `${this.#child}${path.slice(5)}` : `${this.#household}/${path}`;
    const answer = await this.#send(method, full, body);
    return answer.body === '' ? null : JSON.parse(answer.body);
  }

  stop(): Promise<void> {
    return this.#phone.stop();
  }

  /** Throws where the cloud refuses; where it is asked too often, waits until it takes it. */
  async #send(method: string, path: string, body: unknown = null): Promise<z.infer<typeof answerSchema>> {
    for (;;) {
      const sent = { method, path, body: body === null ? null : JSON.stringify(body) };
      const answer = await this.#phone.ask('send', sent, answerSchema);
      if (answer.status < 300) return answer;
      if (answer.status !== 429) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
      await delay(5000);
    }
  }
}

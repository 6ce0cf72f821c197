import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '@khien/cloud/store/open';
import type { FleetIdentity } from '../fleet/identities.ts';

const BETWEEN = 20;
const REQUEST_TIME = 20_000;

/** A parent who changes a child's rules without a pause, and remembers the newest change that was acknowledged. */
export class ChaosParent {
  /** `n<acknowledged>.example` is blocked, or a later one. */
  acknowledged = 0;
  failed = 0;
  readonly #url: () => string;
  readonly #child: FleetIdentity;
  readonly #origin: string;
  #cookie = '';
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  /**
   * @param url where the cloud is asked next
   * @param origin its public address
   */
  constructor(url: () => string, origin: string, child: FleetIdentity) {
    this.#url = url;
    this.#origin = origin;
    this.#child = child;
  }

  /** Signs up, and comes to own the household of the child. */
  async signUp(location: string): Promise<void> {
    const response = await this.#ask('POST', '/api/v1/account', {
      email: `parent-${this.#child.household.toLowerCase()}@example.vn`,
      password: 'a long enough password',
      name: 'Lan',
      household: { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh' },
      language: 'vi',
    });
    if (!response.ok) throw new Error(`sign-up: ${response.status} ${await response.text()}`);
    this.#cookie = response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    const { id } = accountOf(await response.json());
    const store = await openStore(location);
    await store.db
      .insertInto('member')
      .values({ household: this.#child.household, account: id, role: 'owner', joined_at: Date.now() })
      .execute();
    await store.close();
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let n = 1; !this.#stopping; n += 1) {
      try {
        const { household, profile } = this.#child;
        const response = await this.#ask('PATCH', `/api/v1/households/${household}/profiles/${profile}`, {
          rules: rulesWith(n),
        });
        if (response.ok) this.acknowledged = n;
        else this.failed += 1;
        await response.arrayBuffer();
      } catch {
        this.failed += 1;
      }
      await sleep(BETWEEN);
    }
  }

  #ask(method: string, path: string, body: object): Promise<Response> {
    return fetch(`${this.#url()}${path}`, {
      method,
      headers: { 'content-type': 'application/json', origin: this.#origin, cookie: this.#cookie },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIME),
    });
  }
}

function accountOf(json: unknown): { id: string } {
  if (typeof json === 'object' && json !== null && 'id' in json && typeof json.id === 'string')
    return { id: json.id };
  throw new Error('an account has an id');
}

function rulesWith(n: number) {
  return {
    blockedCategories: [],
    blockedServices: ['tiktok'],
    allowedNames: [],
    blockedNames: [`n${n}.example`],
    schedules: [],
    safeSearch: false,
    youtube: 'open',
    quotas: [],
    quotaReset: '00:00',
  };
}

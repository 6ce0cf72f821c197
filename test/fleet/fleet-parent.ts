import { openStore } from '@khien/cloud/store/open';
import { newId } from '@khien/shared/id';
import { z } from 'zod';

const REQUEST_TIME = 20_000;
const accountSchema = z.object({ id: z.string() });

/** Somebody with an account, as the web UI speaks for them. */
export class FleetParent {
  readonly #origin: string;
  #cookie = '';

  /** @param origin the cloud's public address, whichever node is asked */
  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Signs up, and comes to own households that are in the store already. */
  async signUp(url: string, location: string, households: readonly string[]): Promise<void> {
    const response = await this.ask(url, 'POST', '/api/v1/account', {
      email: `parent-${newId().toLowerCase()}@example.vn`,
      password: 'a long enough password',
      name: 'Lan',
      household: { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh' },
      language: 'vi',
    });
    if (!response.ok) throw new Error(`sign-up: ${response.status} ${await response.text()}`);
    const cookies = response.headers.getSetCookie();
    this.#cookie = cookies.map((cookie) => cookie.split(';')[0]).join('; ');
    const { id: account } = accountSchema.parse(await response.json());
    const store = await openStore(location);
    const joined = { account, role: 'owner' as const, joined_at: Date.now() };
    await store.db
      .insertInto('member')
      .values(households.map((household) => ({ household, ...joined })))
      .execute();
    await store.close();
  }

  ask(url: string, method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${url}${path}`, {
      method,
      headers: {
        origin: this.#origin,
        cookie: this.#cookie,
        // Counts where the cloud was told to believe it: one address may ask no more than a home does.
        'x-forwarded-for': `198.51.100.${Math.floor(Math.random() * 250) + 1}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIME),
    });
  }
}

/** Rules that block `n<n>.example` and one service: each `n` makes another policy. */
export function rulesWith(n: number) {
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

/** The `n` of a policy that comes of such rules; 0 where there is none. */
export function counterOf(policy: string): number {
  return Number(/\bn(\d+)\.example/.exec(policy)?.[1] ?? 0);
}

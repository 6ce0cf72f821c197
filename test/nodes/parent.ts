import { homeSchema } from '@khien/cloud/households/schema';
import { accountSchema } from '@khien/cloud/identity/schema';
import type { Id } from '@khien/shared/id';
import { z } from 'zod';

const withId = z.object({ id: z.string() });

/** A parent's browser, as far as the API sees one. */
export class Parent {
  /** Where it asks: the load balancer, or one node. */
  url: string;
  readonly household: Id;
  #cookie: string;

  private constructor(url: string, household: Id, cookie: string) {
    this.url = url;
    this.household = household;
    this.#cookie = cookie;
  }

  static async signUp(url: string, email: string): Promise<Parent> {
    const response = await fetch(`${url}/api/v1/account`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({
        email,
        password: 'a long enough password',
        name: 'Lan',
        household: { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh' },
        language: 'vi',
      }),
    });
    const account = accountSchema.parse(await response.json());
    const cookie = response.headers.getSetCookie().map((set) => set.split(';')[0]);
    return new Parent(url, account.households[0]?.id ?? '', cookie.join('; '));
  }

  /** The body of the answer. @throws Error with the status where it is none of success */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.raw(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  }

  raw(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        cookie: this.#cookie,
        'sec-fetch-site': 'same-origin',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  ofHome(method: string, path: string, body?: object): Promise<unknown> {
    return this.call(method, `/api/v1/households/${this.household}${path}`, body);
  }

  async addChild(): Promise<Id> {
    return withId.parse(await this.ofHome('POST', '/profiles', { name: 'Mai', ageBand: '9-11' })).id;
  }

  async home(): Promise<z.infer<typeof homeSchema>> {
    return homeSchema.parse(await this.ofHome('GET', ''));
  }
}

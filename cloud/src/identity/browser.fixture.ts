import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { TestCloud } from '../cloud.fixture.ts';
import type { Authenticator, Behaviour } from './authenticator.fixture.ts';

type Method = NonNullable<InjectOptions['method']>;

const ANDROID =
  'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36';

let browsers = 0;

/** A browser with its own cookies, at an address of its own. Paths are below /api/v1. */
export class Browser {
  readonly cloud: TestCloud;
  readonly cookies = new Map<string, string>();
  userAgent = ANDROID;
  address: string;

  constructor(cloud: TestCloud) {
    browsers += 1;
    this.cloud = cloud;
    this.address = `10.20.${Math.floor(browsers / 250)}.${(browsers % 250) + 1}`;
  }

  async call(method: Method, path: string, payload?: object): Promise<LightMyRequestResponse> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.cloud.app.inject({
      method,
      url: `/api/v1${path}`,
      remoteAddress: this.address,
      headers: { 'sec-fetch-site': 'same-origin', 'user-agent': this.userAgent, cookie },
      ...(payload === undefined ? {} : { payload }),
    });
    for (const { name, value } of response.cookies) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  get(path: string) {
    return this.call('GET', path);
  }
  post(path: string, payload: object = {}) {
    return this.call('POST', path, payload);
  }

  /** The problem's code of an answer that is one, else its status. */
  async outcome(method: Method, path: string, payload?: object): Promise<string | number> {
    return outcomeOf(await this.call(method, path, payload));
  }

  signUpWithPassword(email: string, password = 'một mật khẩu dài'): Promise<LightMyRequestResponse> {
    return this.post('/account', { email, password, ...newcomer });
  }

  async signUpWithPasskey(authenticator: Authenticator, form: object = newcomer) {
    const { ceremony, options } = (await this.post('/account/passkey/options', { name: 'Lan' })).json();
    return this.post('/account/passkey', {
      ceremony,
      registration: authenticator.create(options),
      ...form,
    });
  }

  async signInWithPasskey(authenticator: Authenticator, behaviour: Behaviour = {}) {
    const { ceremony, options } = (await this.post('/session/passkey/options')).json();
    return this.post('/session/passkey', { ceremony, assertion: authenticator.get(options, behaviour) });
  }

  async confirmWithPasskey(authenticator: Authenticator, behaviour: Behaviour = {}) {
    const { ceremony, options } = (await this.post('/session/confirmation/passkey/options')).json();
    const assertion = authenticator.get(options, behaviour);
    return this.post('/session/confirmation/passkey', { ceremony, assertion });
  }

  async addPasskey(authenticator: Authenticator, behaviour: Behaviour = {}) {
    const { ceremony, options } = (await this.post('/account/passkeys/options')).json();
    return this.post('/account/passkeys', {
      ceremony,
      registration: authenticator.create(options, behaviour),
    });
  }
}

export const newcomer = {
  name: 'Lan',
  household: { name: 'Nhà Lan', zone: 'Asia/Ho_Chi_Minh' },
  language: 'vi',
};

export function outcomeOf(response: LightMyRequestResponse): string | number {
  return response.statusCode < 400 ? response.statusCode : String(response.json().code);
}

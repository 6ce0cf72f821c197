import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import { ApiError } from './api-error.ts';
import type { PasskeySignUp } from './contract.ts';
import type { Http } from './http.ts';

interface Ceremony<Options> {
  readonly ceremony: string;
  readonly options: Options;
}
type Creation = Ceremony<Parameters<typeof startRegistration>[0]['optionsJSON']>;
type Request = Ceremony<Parameters<typeof startAuthentication>[0]['optionsJSON']>;

/** Why this page cannot use passkeys; undefined where it can, as far as this phone can tell. */
export function passkeyHindrance(): 'insecure' | 'unsupported' | undefined {
  if (!window.isSecureContext) return 'insecure';
  return typeof window.PublicKeyCredential === 'function' ? undefined : 'unsupported';
}

/** Each asks the cloud for a challenge, the phone's owner for a finger or a face, and gives the cloud the answer. */
export class PasskeyApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Whether the cloud has passkeys at its address. @throws ApiError `PASSKEYS_UNAVAILABLE` */
  async probe(): Promise<void> {
    await this.#http.call('POST', '/session/passkey/options');
  }

  /** @throws ApiError */
  async signUp(form: Omit<PasskeySignUp, 'ceremony' | 'registration'>): Promise<void> {
    const begun: Creation = await this.#http.call('POST', '/account/passkey/options', { name: form.name });
    await this.#http.call('POST', '/account/passkey', { ...form, ...(await create(begun)) });
  }

  /** @throws ApiError */
  async signIn(): Promise<void> {
    const begun: Request = await this.#http.call('POST', '/session/passkey/options');
    await this.#http.call('POST', '/session/passkey', await get(begun));
  }

  /** @throws ApiError */
  async confirm(): Promise<void> {
    const begun: Request = await this.#http.call('POST', '/session/confirmation/passkey/options');
    await this.#http.call('POST', '/session/confirmation/passkey', await get(begun));
  }

  /** @throws ApiError */
  async add(): Promise<void> {
    const begun: Creation = await this.#http.call('POST', '/account/passkeys/options');
    await this.#http.call('POST', '/account/passkeys', await create(begun));
  }
}

async function create({ ceremony, options }: Creation) {
  const registration = await startRegistration({ optionsJSON: options }).catch(fail);
  return { ceremony, registration };
}

async function get({ ceremony, options }: Request) {
  const assertion = await startAuthentication({ optionsJSON: options }).catch(fail);
  return { ceremony, assertion };
}

/** What the browser says of a failure, as a code of ours. Browsers do not tell who cancelled from who was too late. */
function fail(thrown: unknown): never {
  const { name, code } = thrown instanceof WebAuthnError ? thrown : { name: '', code: '' };
  if (code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') throw new ApiError('PASSKEY_KNOWN', 409);
  if (name === 'NotAllowedError' || name === 'AbortError') throw new ApiError('PASSKEY_CANCELLED', 403);
  throw new ApiError('PASSKEY_UNSUPPORTED', 409);
}

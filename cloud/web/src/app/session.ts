import { type ApiError, apiErrorOf } from '../api/api-error.ts';
import type { Account } from '../api/contract.ts';
import type { Api } from '../api/endpoints.ts';
import type { Keep } from '../api/keep.ts';
import { Store } from '../api/store.ts';
import { isLanguage, keepLanguage, languageOfPhone } from '../language/language.ts';

export type SessionState =
  | { readonly kind: 'asking' }
  /** `ended`: not by whoever uses this phone. */
  | { readonly kind: 'signed-out'; readonly ended: boolean }
  | { readonly kind: 'signed-in'; readonly account: Account }
  | { readonly kind: 'unreachable'; readonly error: ApiError };

const ACCOUNT_KEY = 'account';

/** Who uses this phone. Without a connection the parent who was signed in last still sees the last known home. */
export class Session extends Store<SessionState> {
  readonly #api: Api;
  readonly #keep: Keep;

  constructor(api: Api, keep: Keep) {
    const known = keep.read(ACCOUNT_KEY);
    super(isAccount(known) ? { kind: 'signed-in', account: known } : { kind: 'asking' });
    this.#api = api;
    this.#keep = keep;
  }

  /** Asks the server who is signed in. Never rejects. */
  async ask(): Promise<void> {
    try {
      this.#enter(await this.#api.account());
    } catch (thrown) {
      const error = apiErrorOf(thrown);
      if (error.status === 401) this.end();
      else if (this.value.kind !== 'signed-in') this.set({ kind: 'unreachable', error });
    }
  }

  /**
   * Signs in, in whichever way `task` does it.
   *
   * @param before what is to be so when the app of who is signed in appears
   * @throws ApiError what `task` throws
   */
  async enter(task: () => Promise<unknown>, before?: () => void): Promise<void> {
    await task();
    const account = await this.#api.account();
    before?.();
    this.#enter(account);
  }

  /** @throws ApiError */
  async signOut(): Promise<void> {
    await this.#api.signOut();
    this.forget();
  }

  /** Drops everything this phone knows of the family. */
  forget(): void {
    this.#leave(false);
  }

  /** The server no longer knows who this is. */
  end(): void {
    if (this.value.kind !== 'signed-out') this.#leave(this.value.kind === 'signed-in');
  }

  #leave(ended: boolean): void {
    const language = languageOfPhone(this.#keep);
    this.#keep.clear();
    keepLanguage(this.#keep, language);
    this.set({ kind: 'signed-out', ended });
  }

  #enter(account: Account): void {
    this.#keep.write(ACCOUNT_KEY, account);
    this.set({ kind: 'signed-in', account });
  }
}

function isAccount(value: unknown): value is Account {
  return (
    typeof value === 'object' &&
    value !== null &&
    'households' in value &&
    Array.isArray(value.households) &&
    'recovering' in value &&
    value.recovering === false &&
    'language' in value &&
    isLanguage(value.language)
  );
}

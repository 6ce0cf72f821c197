import type { Account, Deletion, Id, InvitationOffer, Language, Security, SessionView } from './contract.ts';
import type { Http } from './http.ts';
import { PasskeyApi } from './passkeys.ts';

/** What belongs to whoever is signed in, and ways into households. Each throws `ApiError`. */
export class AccountApi {
  readonly passkeys: PasskeyApi;
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
    this.passkeys = new PasskeyApi(http);
  }

  change(change: { name?: string; email?: string; language?: Language }): Promise<Account> {
    return this.#http.call('PATCH', '/account', change);
  }

  security(): Promise<Security> {
    return this.#http.call('GET', '/account/security');
  }

  renamePasskey(passkey: Id, name: string): Promise<unknown> {
    return this.#http.call('PATCH', `/account/passkeys/${passkey}`, { name });
  }

  removePasskey(passkey: Id): Promise<unknown> {
    return this.#http.call('DELETE', `/account/passkeys/${passkey}`);
  }

  /** @param email where the account has none yet */
  setPassword(password: string, email: string | undefined): Promise<unknown> {
    return this.#http.call('PUT', '/account/password', { password, email });
  }

  removePassword(): Promise<unknown> {
    return this.#http.call('DELETE', '/account/password');
  }

  confirmPassword(password: string): Promise<unknown> {
    return this.#http.call('POST', '/session/confirmation/password', { password });
  }

  makeRecoveryCodes(): Promise<{ codes: string[] }> {
    return this.#http.call('POST', '/account/recovery-codes');
  }

  recover(code: string): Promise<unknown> {
    return this.#http.call('POST', '/session/recovery', { code });
  }

  sessions(): Promise<{ items: SessionView[] }> {
    return this.#http.call('GET', '/account/sessions');
  }

  endSession(session: Id): Promise<unknown> {
    return this.#http.call('DELETE', `/account/sessions/${session}`);
  }

  endOtherSessions(): Promise<unknown> {
    return this.#http.call('DELETE', '/account/sessions');
  }

  deletion(): Promise<Deletion> {
    return this.#http.call('GET', '/account/deletion');
  }

  /** @param households those that nobody else owns, to be deleted with it */
  delete(households: readonly Id[]): Promise<unknown> {
    return this.#http.call('POST', '/account/deletion', { households });
  }

  addHousehold(household: { name: string; zone: string; language: Language }): Promise<Account> {
    return this.#http.call('POST', '/households', household);
  }

  offer(token: string): Promise<InvitationOffer> {
    return this.#http.call('POST', '/invitations/offer', { token });
  }

  accept(token: string): Promise<{ household: Id }> {
    return this.#http.call('POST', '/invitations/acceptance', { token });
  }
}

import type { Id, InvitationMade, InvitationView, MemberView, Role } from './contract.ts';
import type { Http } from './http.ts';

/** Who belongs to a household. Each throws `ApiError`. */
export class MembersApi {
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, household: Id) {
    this.#http = http;
    this.#path = `/households/${household}`;
  }

  list(): Promise<{ items: MemberView[] }> {
    return this.#http.call('GET', `${this.#path}/members`);
  }

  changeRole(account: Id, role: Role): Promise<unknown> {
    return this.#http.call('PATCH', `${this.#path}/members/${account}`, { role });
  }

  remove(account: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/members/${account}`);
  }

  leave(): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/membership`);
  }

  invitations(): Promise<{ items: InvitationView[] }> {
    return this.#http.call('GET', `${this.#path}/invitations`);
  }

  invite(role: Role, label: string | undefined): Promise<InvitationMade> {
    return this.#http.call('POST', `${this.#path}/invitations`, { role, label });
  }

  revoke(invitation: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/invitations/${invitation}`);
  }
}

import type { AuditPage, ConsentRequest, ConsentView, Id, WorkerView } from './contract.ts';
import type { Http } from './http.ts';

/** Who outside of a household may see something of it, and who has. Each throws `ApiError`. */
export class SharingApi {
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, household: Id) {
    this.#http = http;
    this.#path = `/households/${household}`;
  }

  consents(): Promise<{ items: ConsentView[] }> {
    return this.#http.call('GET', `${this.#path}/consents`);
  }

  /** Whose code it is. */
  worker(code: string): Promise<WorkerView> {
    return this.#http.call('POST', `${this.#path}/consents/worker`, { code });
  }

  consent(consent: ConsentRequest): Promise<ConsentView> {
    return this.#http.call('POST', `${this.#path}/consents`, consent);
  }

  endConsent(consent: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/consents/${consent}`);
  }

  audit(before: Id | undefined): Promise<AuditPage> {
    return this.#http.call('GET', `${this.#path}/audit${before === undefined ? '' : `?before=${before}`}`);
  }
}

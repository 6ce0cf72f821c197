import type {
  ApiKeyMade,
  ApiKeyRequest,
  ApiKeyView,
  AttemptPage,
  Id,
  WebhookChange,
  WebhookMade,
  WebhookRequest,
  WebhookView,
} from './contract.ts';
import type { Http } from './http.ts';

/** What others may build on. Each throws `ApiError`. */
export class DevelopersApi {
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, household: Id) {
    this.#http = http;
    this.#path = `/households/${household}`;
  }

  keys(): Promise<{ items: ApiKeyView[] }> {
    return this.#http.call('GET', `${this.#path}/api-keys`);
  }

  makeKey(key: ApiKeyRequest): Promise<ApiKeyMade> {
    return this.#http.call('POST', `${this.#path}/api-keys`, key);
  }

  revokeKey(key: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/api-keys/${key}`);
  }

  webhooks(): Promise<{ items: WebhookView[] }> {
    return this.#http.call('GET', `${this.#path}/webhooks`);
  }

  addWebhook(webhook: WebhookRequest): Promise<WebhookMade> {
    return this.#http.call('POST', `${this.#path}/webhooks`, webhook);
  }

  changeWebhook(webhook: Id, change: WebhookChange): Promise<WebhookView> {
    return this.#http.call('PATCH', `${this.#path}/webhooks/${webhook}`, change);
  }

  removeWebhook(webhook: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/webhooks/${webhook}`);
  }

  tryWebhook(webhook: Id): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/webhooks/${webhook}/test`);
  }

  attempts(webhook: Id): Promise<AttemptPage> {
    return this.#http.call('GET', `${this.#path}/webhooks/${webhook}/attempts`);
  }
}

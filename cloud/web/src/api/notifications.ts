import type {
  Id,
  NotificationPage,
  NotificationSettings,
  PushState,
  SettingsChange,
  SubscriptionInput,
  Weekly,
} from './contract.ts';
import type { Http } from './http.ts';

/** What a person is told of a household, and how. Each throws `ApiError`. */
export class NotificationsApi {
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, household: Id) {
    this.#http = http;
    this.#path = `/households/${household}`;
  }

  list(page: { before?: string }): Promise<NotificationPage> {
    const query = new URLSearchParams(page);
    return this.#http.call('GET', `${this.#path}/notifications?${query}`);
  }

  /** All up to `sequence` was seen. */
  read(sequence: number): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/notifications/read`, { sequence });
  }

  settings(): Promise<NotificationSettings> {
    return this.#http.call('GET', `${this.#path}/notification-settings`);
  }

  choose(change: SettingsChange): Promise<NotificationSettings> {
    return this.#http.call('PATCH', `${this.#path}/notification-settings`, change);
  }

  weekly(): Promise<{ items: Weekly[] }> {
    return this.#http.call('GET', `${this.#path}/weekly`);
  }

  pushState(): Promise<PushState> {
    return this.#http.call('GET', '/account/push');
  }

  subscribe(subscription: SubscriptionInput): Promise<unknown> {
    return this.#http.call('PUT', '/account/push', subscription);
  }

  unsubscribe(): Promise<unknown> {
    return this.#http.call('DELETE', '/account/push');
  }

  /** Has a word pushed to this browser. */
  tryPush(): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/notifications/test`, {});
  }
}

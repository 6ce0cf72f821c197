import { AccountApi } from './account.ts';
import type {
  Account,
  ActivityPage,
  AgeBand,
  DeviceView,
  HolidayView,
  Home,
  Id,
  NewDevicePolicy,
  ProfileView,
  PublicHoliday,
  Release,
  RequestView,
  Rules,
  SignUp,
  UsageReport,
} from './contract.ts';
import { DevelopersApi } from './developers.ts';
import { DutiesApi } from './duties.ts';
import type { Http } from './http.ts';
import { MembersApi } from './members.ts';
import { NotificationsApi } from './notifications.ts';
import { SharingApi } from './sharing.ts';

/** Everything this UI asks of the cloud, one function an endpoint. Each throws `ApiError`. */
export class Api {
  /** What belongs to whoever is signed in. */
  readonly own: AccountApi;
  /** What is asked by those who act for others. */
  readonly duties: DutiesApi;
  readonly #http: Http;

  constructor(http: Http) {
    this.own = new AccountApi(http);
    this.duties = new DutiesApi(http);
    this.#http = http;
  }

  signUp(form: SignUp): Promise<unknown> {
    return this.#http.call('POST', '/account', form);
  }

  signIn(email: string, password: string): Promise<unknown> {
    return this.#http.call('POST', '/session', { email, password });
  }

  signOut(): Promise<unknown> {
    return this.#http.call('DELETE', '/session');
  }

  account(): Promise<Account> {
    return this.#http.call('GET', '/account');
  }

  household(id: Id): HouseholdApi {
    return new HouseholdApi(this.#http, id);
  }
}

export class HouseholdApi {
  readonly members: MembersApi;
  readonly notifications: NotificationsApi;
  readonly sharing: SharingApi;
  readonly developers: DevelopersApi;
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, household: Id) {
    this.members = new MembersApi(http, household);
    this.notifications = new NotificationsApi(http, household);
    this.sharing = new SharingApi(http, household);
    this.developers = new DevelopersApi(http, household);
    this.#http = http;
    this.#path = `/households/${household}`;
  }

  get streamUrl(): string {
    return `/api/v1${this.#path}/stream`;
  }

  home(): Promise<Home> {
    return this.#http.call('GET', this.#path);
  }

  change(change: {
    name?: string;
    zone?: string;
    language?: 'vi' | 'en';
    newDevices?: NewDevicePolicy;
  }): Promise<unknown> {
    return this.#http.call('PATCH', this.#path, change);
  }

  claimRouter(claimCode: string, name: string | undefined): Promise<unknown> {
    return this.#http.callOnce('POST', `${this.#path}/routers`, { claimCode, name });
  }

  /** A JSON file of all that is kept of the household. */
  export(): Promise<Blob> {
    return this.#http.download(`${this.#path}/export`);
  }

  /** @param name the household's, as it was typed */
  erase(name: string): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/erasure`, { name });
  }

  removeRouter(router: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/routers/${router}`);
  }

  /** Lets a router go to the family that has the code of the answer. */
  releaseRouter(router: Id): Promise<Release> {
    return this.#http.call('POST', `${this.#path}/routers/${router}/release`);
  }

  /** It was stolen, or its key copied. */
  revokeRouter(router: Id): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/routers/${router}/revoke`);
  }

  addProfile(profile: { name: string; ageBand: AgeBand }): Promise<ProfileView> {
    return this.#http.call('POST', `${this.#path}/profiles`, profile);
  }

  /** @param seen the `etag` of what is changed; left out, it is changed whatever it is now */
  changeProfile(
    profile: Id,
    change: { name?: string; ageBand?: AgeBand; rules?: Rules; adoptPreset?: true },
    seen?: string,
  ): Promise<ProfileView> {
    const headers = seen === undefined ? {} : { 'if-match': seen };
    return this.#http.call('PATCH', `${this.#path}/profiles/${profile}`, change, headers);
  }

  removeProfile(profile: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/profiles/${profile}`);
  }

  pause(profile: Id, minutes: number | null): Promise<unknown> {
    return this.#http.call('PUT', `${this.#path}/profiles/${profile}/pause`, { minutes });
  }

  resume(profile: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/profiles/${profile}/pause`);
  }

  /** Extra time, or a bonus of the network's quota where that would end access: `bonuses` tells. */
  grant(profile: Id, minutes: number): Promise<ProfileView> {
    return this.#http.callOnce('POST', `${this.#path}/profiles/${profile}/grant`, { minutes });
  }

  endGrant(profile: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/profiles/${profile}/grant`);
  }

  /** Only what study needs, for `minutes`, or until ended with null. */
  startLearning(profile: Id, minutes: number | null): Promise<unknown> {
    return this.#http.call('PUT', `${this.#path}/profiles/${profile}/learning`, { minutes });
  }

  endLearning(profile: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/profiles/${profile}/learning`);
  }

  addBonus(profile: Id, bonus: { quota: Id; minutes: number; reason: string }): Promise<ProfileView> {
    return this.#http.callOnce('POST', `${this.#path}/profiles/${profile}/bonuses`, bonus);
  }

  removeBonus(profile: Id, bonus: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/profiles/${profile}/bonuses/${bonus}`);
  }

  usage(profile: Id, days: number): Promise<UsageReport> {
    return this.#http.call('GET', `${this.#path}/profiles/${profile}/usage?days=${days}`);
  }

  changeDevice(
    device: Id,
    change: { name?: string | null; profile?: Id | null; known?: boolean },
  ): Promise<unknown> {
    return this.#http.call('PATCH', `${this.#path}/devices/${device}`, change);
  }

  pauseDevice(device: Id, minutes: number | null): Promise<unknown> {
    return this.#http.call('PUT', `${this.#path}/devices/${device}/pause`, { minutes });
  }

  resumeDevice(device: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/devices/${device}/pause`);
  }

  /** Makes an address of a device a device of its own. */
  separateAddress(device: Id, mac: string): Promise<DeviceView> {
    return this.#http.call('DELETE', `${this.#path}/devices/${device}/macs/${encodeURIComponent(mac)}`);
  }

  confirmProposal(proposal: Id): Promise<DeviceView> {
    return this.#http.call('POST', `${this.#path}/proposals/${proposal}/confirm`);
  }

  denyProposal(proposal: Id): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/proposals/${proposal}/deny`);
  }

  /** Takes a denial back. */
  reopenProposal(proposal: Id): Promise<unknown> {
    return this.#http.call('POST', `${this.#path}/proposals/${proposal}/reopen`);
  }

  dismissAlert(alert: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/alerts/${alert}`);
  }

  holidays(): Promise<{ items: HolidayView[]; offered: PublicHoliday[] }> {
    return this.#http.call('GET', `${this.#path}/holidays`);
  }

  addHoliday(holiday: Omit<HolidayView, 'id'>): Promise<HolidayView> {
    return this.#http.call('POST', `${this.#path}/holidays`, holiday);
  }

  changeHoliday({ id, ...holiday }: HolidayView): Promise<unknown> {
    return this.#http.call('PUT', `${this.#path}/holidays/${id}`, holiday);
  }

  removeHoliday(holiday: Id): Promise<unknown> {
    return this.#http.call('DELETE', `${this.#path}/holidays/${holiday}`);
  }

  requests(): Promise<{ items: RequestView[] }> {
    return this.#http.call('GET', `${this.#path}/requests`);
  }

  answer(request: Id, answer: { granted: boolean; minutes: number; reply: string }): Promise<unknown> {
    return this.#http.callOnce('POST', `${this.#path}/requests/${request}/answer`, answer);
  }

  activity(page: { profile?: Id; before?: string; limit?: number }): Promise<ActivityPage> {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(page)) query.set(key, String(value));
    return this.#http.call('GET', `${this.#path}/activity?${query}`);
  }
}

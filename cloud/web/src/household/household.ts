import { apiErrorOf } from '../api/api-error.ts';
import type {
  ActivityPage,
  Change,
  ConsentView,
  HolidayView,
  Home,
  Id,
  NotificationPage,
  ProfileView,
  PublicHoliday,
  RequestView,
  Rules,
  UsageReport,
  Weekly,
} from '../api/contract.ts';
import type { HouseholdApi } from '../api/endpoints.ts';
import type { Keep } from '../api/keep.ts';
import { Resource } from '../api/resource.ts';
import { Store } from '../api/store.ts';
import { ChangeStream } from '../api/stream.ts';
import { type Delivery, deliveryTo, isPending } from './delivery.ts';
import { LeftBlocked } from './left-blocked.ts';
import type { RulesEdit } from './rules-edit.ts';

/** How far a change that was made on this phone has come. */
export type Progress =
  | { readonly phase: 'sending' }
  | { readonly phase: 'sent'; readonly at: number; readonly before: ProfileView['access'] | undefined };

/** Rules were saved as they were seen, or on top of what somebody else had changed meanwhile. */
export type Saved = 'as-seen' | 'merged';

/** So often is tried to be first; somebody who keeps changing the rules is told. */
const MOST_CONFLICTS = 3;
/** How long "in force" is said after it came true, milliseconds. */
const SAY_DONE = 4_000;
/** After a state ends by itself, the server is asked a little later than that moment. */
const GRACE = 1_500;
const LONGEST_TIMER = 2 ** 31 - 1;

/** One household as this phone knows it: what was fetched, what is being changed, and how far that has come. */
export class Household {
  readonly api: HouseholdApi;
  readonly home: Resource<Home>;
  readonly requests: Resource<{ items: RequestView[] }>;
  readonly activity: Resource<ActivityPage>;
  readonly notifications: Resource<NotificationPage>;
  readonly weekly: Resource<{ items: Weekly[] }>;
  /** Changes under way, by the profile that they concern. */
  readonly progress = new Store<ReadonlyMap<Id, Progress>>(new Map());
  /** Rules that are being saved, by profile. */
  readonly drafts = new Store<ReadonlyMap<Id, Rules>>(new Map());
  readonly holidays: Resource<{ items: HolidayView[]; offered: PublicHoliday[] }>;
  readonly consents: Resource<{ items: ConsentView[] }>;
  readonly leftBlocked: LeftBlocked;
  readonly #keep: Keep;
  readonly #stream: ChangeStream;
  readonly #saving = new Map<Id, Promise<Saved>>();
  /** Edits that the server has not taken yet, by profile. */
  readonly #edits = new Map<Id, RulesEdit[]>();
  readonly #pendingSince = new Map<Id, number>();
  #nextChange: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(id: Id, api: HouseholdApi, keep: Keep, openStream: (url: string) => EventSource) {
    this.api = api;
    this.home = new Resource(() => api.home(), { keep, key: `home.${id}`, isShape: isHome });
    this.requests = new Resource<{ items: RequestView[] }>(() => api.requests(), {
      keep,
      key: `requests.${id}`,
      isShape: hasItems,
    });
    this.activity = new Resource<ActivityPage>(() => api.activity({}), {
      keep,
      key: `activity.${id}`,
      isShape: hasItems,
    });
    this.notifications = new Resource<NotificationPage>(() => api.notifications.list({}), {
      keep,
      key: `notifications.${id}`,
      isShape: hasItems,
    });
    this.weekly = new Resource<{ items: Weekly[] }>(() => api.notifications.weekly(), {
      keep,
      key: `weekly.${id}`,
      isShape: hasItems,
    });
    this.holidays = new Resource<{ items: HolidayView[]; offered: PublicHoliday[] }>(() => api.holidays(), {
      keep,
      key: `holidays.${id}`,
      isShape: hasItems,
    });
    this.consents = new Resource<{ items: ConsentView[] }>(() => api.sharing.consents());
    this.leftBlocked = new LeftBlocked(keep, id);
    this.#keep = keep;
    this.#stream = new ChangeStream(
      () => openStream(api.streamUrl),
      (changed) => this.#refresh(changed),
    );
  }

  start(): void {
    this.#unsubscribe = this.home.subscribe(() => this.#homeChanged());
    void this.home.refresh();
    void this.notifications.refresh();
    this.#stream.start();
    document.addEventListener('visibilitychange', this.#seenOrHidden);
    addEventListener('online', this.#seenOrHidden);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#stream.stop();
    clearTimeout(this.#nextChange);
    document.removeEventListener('visibilitychange', this.#seenOrHidden);
    removeEventListener('online', this.#seenOrHidden);
  }

  /** Now by the server's clock, which the household's times are told by; a phone's may be wrong. */
  now(): number {
    const { value, at } = this.home.value;
    return value === undefined || at === undefined ? Date.now() : Date.now() + value.now - at;
  }

  /**
   * Changes something of a child, and follows the change to the router; of the home with null, where no child's card tells
   * how far it has come.
   *
   * @throws ApiError when the server did not take it
   */
  async change(profile: Id | null, task: () => Promise<unknown>): Promise<void> {
    if (profile === null) {
      await task();
      await this.home.refresh();
      return;
    }
    const before = this.#accessOf(profile);
    this.#setProgress(profile, { phase: 'sending' });
    try {
      await task();
    } catch (thrown) {
      this.#setProgress(profile, undefined);
      throw thrown;
    }
    this.#setProgress(profile, { phase: 'sent', at: Date.now(), before });
    await this.home.refresh();
  }

  /** How far the last change of a child has come; undefined when there is nothing to say. */
  deliveryOf(profile: Id): Delivery | 'sending' | undefined {
    const progress = this.progress.value.get(profile);
    if (progress === undefined) return undefined;
    if (progress.phase === 'sending') return 'sending';
    const { value, at } = this.home.value;
    // What was fetched before the change was sent says nothing about it.
    if (value === undefined || at === undefined || at < progress.at) return 'waiting';
    return deliveryTo(value.routers, Date.now() - progress.at);
  }

  /** Is the access that the server tells of a child only asked for: changed here, and not in force yet? */
  isAccessPending(profile: Id): boolean {
    const progress = this.progress.value.get(profile);
    if (progress?.phase !== 'sent' || this.deliveryOf(profile) === 'done') return false;
    return JSON.stringify(progress.before) !== JSON.stringify(this.#accessOf(profile));
  }

  /** Milliseconds since this phone first saw that the router lags behind. */
  waitedFor(router: Id): number {
    const since = this.#pendingSince.get(router);
    return since === undefined ? 0 : Date.now() - since;
  }

  /** The rules of a child with the changes that are still being saved. */
  rulesOf(profile: ProfileView): Rules {
    return this.drafts.value.get(profile.id) ?? profile.rules;
  }

  /**
   * Changes a child's rules. They are shown at once; edits that come while others are being saved are saved together
   * after those, so that none overwrites another. Where somebody else was first, the edits are made of what they chose.
   *
   * @throws ApiError when the server did not take them; what is shown is then what the server has
   */
  editRules(profile: ProfileView, edit: RulesEdit): Promise<Saved> {
    this.#setDraft(profile.id, edit(this.rulesOf(profile)));
    this.#edits.set(profile.id, [...(this.#edits.get(profile.id) ?? []), edit]);
    const running = this.#saving.get(profile.id);
    if (running !== undefined) return running;
    const saving = this.#saveDrafts(profile.id, profile.etag);
    this.#saving.set(profile.id, saving);
    return saving;
  }

  /** How much a child was online on each of the last days, the newest first. */
  usageOf(profile: Id, days: number): Resource<UsageReport> {
    const key = `usage.${profile}.${days}`;
    return new Resource(() => this.api.usage(profile, days), { keep: this.#keep, key, isShape: isUsage });
  }

  async #saveDrafts(profile: Id, seen: string): Promise<Saved> {
    let etag = seen;
    let saved: Saved = 'as-seen';
    try {
      for (let conflicts = 0; ; ) {
        const rules = this.drafts.value.get(profile);
        if (rules === undefined) return saved;
        const sent = this.#edits.get(profile)?.length ?? 0;
        try {
          await this.change(profile, async () => {
            ({ etag } = await this.api.changeProfile(profile, { rules }, etag));
            this.#edits.set(profile, this.#edits.get(profile)?.slice(sent) ?? []);
          });
        } catch (thrown) {
          conflicts += 1;
          const theirs = await this.#theirs(profile, thrown);
          if (theirs === undefined || conflicts > MOST_CONFLICTS) throw thrown;
          etag = theirs.etag;
          saved = 'merged';
          continue;
        }
        if (this.drafts.value.get(profile) === rules) return saved;
      }
    } finally {
      this.#saving.delete(profile);
      this.#edits.delete(profile);
      this.#setDraft(profile, undefined);
    }
  }

  /** What somebody else has made of a child meanwhile, with the edits of this phone on top of it in the draft. */
  async #theirs(profile: Id, thrown: unknown): Promise<ProfileView | undefined> {
    if (apiErrorOf(thrown).code !== 'PRECONDITION_FAILED') return undefined;
    await this.home.refresh();
    const theirs = this.home.value.value?.profiles.find(({ id }) => id === profile);
    if (theirs === undefined) return undefined;
    const edits = this.#edits.get(profile) ?? [];
    this.#setDraft(
      profile,
      edits.reduce((rules, edit) => edit(rules), theirs.rules),
    );
    return theirs;
  }

  #accessOf(profile: Id): ProfileView['access'] | undefined {
    return this.home.value.value?.profiles.find(({ id }) => id === profile)?.access;
  }

  #setDraft(profile: Id, rules: Rules | undefined): void {
    this.drafts.set(withEntry(this.drafts.value, profile, rules));
  }

  #setProgress(profile: Id, progress: Progress | undefined): void {
    this.progress.set(withEntry(this.progress.value, profile, progress));
  }

  #refresh(changed: Change['changed'] | 'all'): void {
    const all = changed === 'all';
    // Open requests are part of the home, and what changes there is often told too.
    if (changed !== 'activity' && changed !== 'notifications') void this.home.refresh();
    if (all || changed === 'requests') void this.requests.refresh();
    if (all || changed === 'activity') void this.activity.refresh();
    if (changed !== 'activity') void this.notifications.refresh();
  }

  readonly #seenOrHidden = (): void => {
    if (document.visibilityState === 'hidden') {
      // Nobody looks; and phones cut what is in the background without telling.
      this.#stream.stop();
      return;
    }
    this.#stream.start();
    void this.home.refresh();
  };

  #homeChanged(): void {
    const { value, loading } = this.home.value;
    if (value === undefined || loading) return;

    for (const router of value.routers) {
      if (!isPending(router)) this.#pendingSince.delete(router.id);
      else if (!this.#pendingSince.has(router.id)) this.#pendingSince.set(router.id, Date.now());
    }

    for (const [profile, progress] of this.progress.value) {
      if (progress.phase !== 'sent' || this.deliveryOf(profile) !== 'done') continue;
      setTimeout(() => {
        if (this.progress.value.get(profile) === progress) this.#setProgress(profile, undefined);
      }, SAY_DONE);
    }

    clearTimeout(this.#nextChange);
    const ends = endsOf(value);
    const wait = Math.min(...ends.filter((end) => end > this.now())) - this.now();
    if (wait > 0 && wait < LONGEST_TIMER) {
      this.#nextChange = setTimeout(() => void this.home.refresh(), wait + GRACE);
    }
  }
}

/** When something that is shown of a home ends by itself. */
function endsOf({ profiles, devices }: Home): number[] {
  const ends = [
    ...profiles.flatMap(({ access, quotas }) => [access.until, ...quotas.map(({ resetsAt }) => resetsAt)]),
    ...devices.map(({ pause }) => pause?.until ?? null),
  ];
  return ends.filter((end) => end !== null);
}

function withEntry<V>(entries: ReadonlyMap<Id, V>, key: Id, value: V | undefined): ReadonlyMap<Id, V> {
  const changed = new Map(entries);
  if (value === undefined) changed.delete(key);
  else changed.set(key, value);
  return changed;
}

function isHome(value: unknown): value is Home {
  return (
    typeof value === 'object' &&
    value !== null &&
    'profiles' in value &&
    'devices' in value &&
    'routers' in value &&
    'openRequests' in value &&
    'proposals' in value &&
    Array.isArray(value.profiles)
  );
}

function hasItems<T extends { items: readonly unknown[] }>(value: unknown): value is T {
  return typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items);
}

function isUsage(value: unknown): value is UsageReport {
  return typeof value === 'object' && value !== null && 'days' in value && Array.isArray(value.days);
}

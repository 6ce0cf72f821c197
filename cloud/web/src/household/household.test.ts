import { beforeEach, describe, expect, test } from 'vitest';
import type { Home, ProfileView, Rules } from '../api/contract.ts';
import { HouseholdApi } from '../api/endpoints.ts';
import { type Fetch, Http } from '../api/http.ts';
import { keepIn } from '../api/keep.ts';
import { Household } from './household.ts';
import { add } from './rules-edit.ts';

const CHILD = '01PAN000000000000000000001';
const ROUTER = '01ROUTER00000000000000001A';

const problemType = { 'content-type': 'application/problem+json' };

/** A cloud that holds one child's rules, and answers changes only when told to. */
class FakeCloud {
  rules: Rules = {
    blockedCategories: [],
    blockedServices: [],
    allowedNames: [],
    blockedNames: [],
    schedules: [],
    safeSearch: false,
    youtube: 'open',
    quotas: [],
    quotaReset: '00:00',
  };
  saved: Rules[] = [];
  /** `If-Match` of each change. */
  seen: (string | null)[] = [];
  access: ProfileView['access'] = { mode: 'open', online: true, reason: 'free', until: null };
  inForce = 1;
  wanted = 1;
  refuse = false;
  readonly #held: (() => void)[] = [];
  hold = false;

  readonly fetch: Fetch = async (_url, init) => {
    if (init.method === 'GET') return Response.json(this.home());
    if (this.hold) await new Promise<void>((resolve) => this.#held.push(resolve));
    if (this.refuse) return Response.json({ code: 'POLICY_TOO_LARGE' }, { status: 409 });
    this.wanted += 1;
    if (init.method === 'PUT') {
      this.access = { mode: 'off', online: false, reason: 'pause', until: null };
      return Response.json({});
    }
    const seen = new Headers(init.headers).get('if-match');
    this.seen.push(seen);
    if (seen !== null && seen !== this.profile().etag) {
      return Response.json({ code: 'PRECONDITION_FAILED' }, { status: 412, headers: problemType });
    }
    const { rules } = JSON.parse(String(init.body));
    this.rules = rules;
    this.saved.push(rules);
    return Response.json(this.profile());
  };

  /** Lets the change that waits go through, and whatever follows from it. */
  async release(): Promise<void> {
    this.#held.shift()?.();
    await settled();
  }

  profile(): ProfileView {
    return {
      id: CHILD,
      etag: `"${this.rules.blockedServices}/${this.rules.safeSearch}"`,
      name: 'An',
      ageBand: '9-11',
      rules: this.rules,
      pause: null,
      grant: null,
      learning: null,
      bonuses: [],
      quotas: [],
      access: this.access,
      devices: [],
    };
  }

  home(): Home {
    const router = {
      id: ROUTER,
      name: 'x',
      model: 'x',
      online: true,
      lastSeenAt: 1,
      daemon: 'x',
      timeSource: 'ntp' as const,
      enforcement: 'enforcing',
      policyInForce: this.inForce,
      policyWanted: this.wanted,
      lists: null,
      refusal: null,
    };
    return {
      id: 'h',
      name: 'Nhà',
      zone: 'Asia/Ho_Chi_Minh',
      language: 'vi',
      newDevices: 'ask',
      now: Date.now(),
      routers: [router],
      profiles: [this.profile()],
      devices: [],
      openRequests: [],
      proposals: [],
      alerts: [],
      eventsDropped: 0,
      holidays: [],
    };
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a household', () => {
  let cloud: FakeCloud;
  let household: Household;
  const child = (): ProfileView => household.home.value.value?.profiles[0] ?? cloud.profile();
  const services = () => household.rulesOf(child()).blockedServices;
  const block = (service: string) => household.editRules(child(), add('blockedServices', service));

  beforeEach(async () => {
    cloud = new FakeCloud();
    const api = new HouseholdApi(new Http(cloud.fetch, () => {}), 'h');
    household = new Household('h', api, keepIn(undefined), () => {
      throw new Error('no stream in this test');
    });
    await household.home.refresh();
  });

  test('edits that come while one is being saved are saved together after it, and none is lost', async () => {
    cloud.hold = true;
    const saving = [block('tiktok'), block('zalo'), block('roblox')];
    expect(services()).toEqual(['tiktok', 'zalo', 'roblox']);
    await settled();
    await cloud.release();
    await cloud.release();
    await Promise.all(saving);
    expect(cloud.saved.map((rules) => rules.blockedServices)).toEqual([
      ['tiktok'],
      ['tiktok', 'zalo', 'roblox'],
    ]);
    expect(services()).toEqual(['tiktok', 'zalo', 'roblox']);
  });

  test('an edit that comes while the home is fetched after a save is saved too', async () => {
    const first = block('tiktok');
    const second = household.home.refresh().then(() => block('zalo'));
    await first;
    await second;
    await settled();
    expect(cloud.rules.blockedServices).toEqual(['tiktok', 'zalo']);
    expect(services()).toEqual(['tiktok', 'zalo']);
  });

  test('an edit of rules that somebody else has changed meanwhile is made of what they chose', async () => {
    const stale = child();
    cloud.rules = { ...cloud.rules, safeSearch: true, blockedServices: ['zalo'] };
    expect(await household.editRules(stale, add('blockedServices', 'tiktok'))).toBe('merged');
    expect(cloud.rules).toMatchObject({ safeSearch: true, blockedServices: ['zalo', 'tiktok'] });
    expect(services()).toEqual(['zalo', 'tiktok']);
    expect(await block('roblox')).toBe('as-seen');
    expect(cloud.rules.blockedServices).toEqual(['zalo', 'tiktok', 'roblox']);
    expect(cloud.seen).not.toContain(null);
  });

  test('a refused edit is thrown, and what the server has is shown again', async () => {
    cloud.refuse = true;
    await expect(block('tiktok')).rejects.toMatchObject({ code: 'POLICY_TOO_LARGE' });
    expect(services()).toEqual([]);
    expect(household.deliveryOf(CHILD)).toBeUndefined();
    cloud.refuse = false;
    await block('zalo');
    expect(services()).toEqual(['zalo']);
  });

  test('a change is in force when the router says so, not before', async () => {
    cloud.hold = true;
    const saving = block('tiktok');
    expect(household.deliveryOf(CHILD)).toBe('sending');
    await settled();
    await cloud.release();
    await saving;
    expect(household.deliveryOf(CHILD)).toBe('waiting');
    cloud.inForce = cloud.wanted;
    await household.home.refresh();
    expect(household.deliveryOf(CHILD)).toBe('done');
  });

  test('a pause is only asked for until the router holds it; a rule leaves the access what it is', async () => {
    await household.change(CHILD, () => household.api.pause(CHILD, null));
    expect(child().access.online).toBe(false);
    expect(household.isAccessPending(CHILD)).toBe(true);
    cloud.inForce = cloud.wanted;
    await household.home.refresh();
    expect(household.isAccessPending(CHILD)).toBe(false);
    await block('tiktok');
    expect(household.deliveryOf(CHILD)).toBe('waiting');
    expect(household.isAccessPending(CHILD)).toBe(false);
  });

  test('tells the time by the clock of the server', async () => {
    const ahead = 3 * 60 * 60_000;
    const { fetch } = cloud;
    const api = new HouseholdApi(
      new Http(
        async (url, init) => {
          const home = await (await fetch(url, init)).json();
          return Response.json({ ...home, now: Date.now() + ahead });
        },
        () => {},
      ),
      'h',
    );
    const elsewhere = new Household('h', api, keepIn(undefined), () => {
      throw new Error('no stream in this test');
    });
    await elsewhere.home.refresh();
    expect(Math.abs(elsewhere.now() - Date.now() - ahead)).toBeLessThan(1000);
  });
});

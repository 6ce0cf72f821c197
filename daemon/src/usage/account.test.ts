import type { Quota, ZoneOffset } from '@khien/shared/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Household, household, idOf } from '../enforce/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import type { Traffic } from '../services/traffic.ts';
import { type Moment, type StoredAccount, UsageAccount } from './account.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const QUARTER = 15_000;
const tablet = '02:00:00:00:00:01';
const phone = '02:00:00:00:00:02';
/** Saturday. */
const NOON = Date.UTC(2026, 10, 21, 12);
const STARTED = NOON - 2 * HOUR;

const quotaOf = (of: Quota['of']): Quota => ({
  id: idOf(JSON.stringify(of)),
  of,
  minutes: [60, 60, 60, 60, 60, 60, 60],
});
const network = quotaOf({ kind: 'network' });
const tiktok = quotaOf({ kind: 'service', id: 'tiktok' });
const social = quotaOf({ kind: 'category', id: 'social' });
const quotas = [network, tiktok, social];

const base: Household = {
  children: { an: { quotas }, binh: {} },
  devices: { [tablet]: 'an', [phone]: 'an' },
  services: { 'social/tiktok': ['tiktok.com'], 'social/zalo': ['zalo.me'], 'games/roblox': ['roblox.com'] },
};

function inForce(home: Household = {}, offsets?: ZoneOffset[]): InForce {
  const { policy, contacts } = household({ ...base, ...home });
  return new InForce(offsets === undefined ? policy : { ...policy, offsets }, contacts);
}

/** An account with a clock: `ahead` is what the wall clock is ahead of uptime. */
class Bench {
  account = new UsageAccount();
  force: InForce;
  now: number;
  uptime: number;
  trusted = true;

  constructor(force = inForce(), now = NOON) {
    this.force = force;
    this.now = now;
    this.uptime = now - STARTED;
  }

  get moment(): Moment {
    return { now: this.now, uptime: this.uptime, trusted: this.trusted };
  }

  /** Lets time pass, in which devices exchange what makes a minute active each quarter of it. */
  pass(minutes: number, ...using: readonly (readonly [string, string | null])[]): void {
    for (let quarter = 0; quarter < minutes * 4; quarter++) {
      this.now += QUARTER;
      this.uptime += QUARTER;
      this.read(QUARTER, using);
    }
  }

  read(length: number, using: readonly (readonly [string, string | null])[], bytes = 20_000): void {
    const traffic = using.map(([mac, service]): Traffic => ({ mac, service, bytes, packets: 20 }));
    this.account.take(this.force, { from: this.uptime - length, to: this.uptime, traffic }, this.moment);
  }

  used(quota: Quota = network, at = this.now): number {
    const [an] = this.force.policy.profiles;
    if (an === undefined) throw new Error('no child');
    return this.account.used(this.force, an, quota.of, at, this.moment);
  }
}

const onTablet = [tablet, null] as const;
const onPhone = [phone, null] as const;

describe('minutes', () => {
  it('are those in which any device of the child is active', () => {
    const bench = new Bench();
    bench.pass(10, onTablet);
    bench.pass(5);
    bench.pass(10, onTablet, onPhone);
    bench.pass(10, onPhone);
    expect(bench.used()).toBe(30);
  });

  it('are not of chatter that several devices make together', () => {
    const bench = new Bench();
    for (let quarter = 0; quarter < 40; quarter++) {
      bench.now += QUARTER;
      bench.uptime += QUARTER;
      bench.read(QUARTER, [onTablet, onPhone], 12_000);
    }
    expect(bench.used()).toBe(0);
  });

  it('are of services that a quota is about, and of a category once for all its services', () => {
    const bench = new Bench();
    bench.pass(5, onTablet, [tablet, 'tiktok']);
    bench.pass(5, onTablet, [tablet, 'zalo'], onPhone, [phone, 'tiktok']);
    bench.pass(5, onTablet, [tablet, 'roblox']);
    expect([bench.used(network), bench.used(tiktok), bench.used(social)]).toEqual([15, 10, 10]);
    expect(JSON.stringify(bench.account)).not.toContain('roblox');
  });

  it('are used up evenly while they pass', () => {
    const bench = new Bench();
    bench.pass(10, onTablet);
    bench.pass(0.75, onTablet);
    expect(bench.used()).toBeCloseTo(10.75);
    bench.now += 5000;
    bench.uptime += 5000;
    expect(bench.used()).toBeCloseTo(10.75 + 5 / 60);
  });

  it('rest in extra time, in the learning mode and in free windows', () => {
    const free = {
      id: idOf('free'),
      name: '',
      mode: 'free' as const,
      holidays: 'included' as const,
      days: [6],
      start: '12:10',
      end: '12:20',
    };
    for (const rest of [
      { schedules: [free] },
      { schedules: [{ ...free, mode: 'learning' as const }] },
      { grant: { since: NOON, until: NOON + 10 * MINUTE } },
      { learning: { since: NOON, until: NOON + 10 * MINUTE } },
    ]) {
      const bench = new Bench(inForce({ children: { an: { quotas, ...rest } } }));
      bench.pass(30, onTablet);
      expect(bench.used()).toBe(20);
    }
  });

  it('of devices that nobody manages are nobody’s', () => {
    const bench = new Bench();
    bench.pass(5, ['02:00:00:00:00:99', null]);
    expect(JSON.stringify(bench.account)).toBe('{"minutes":{},"undated":{}}');
  });
});

describe('a quota day', () => {
  it.each(['00:00', '04:00', '23:30'])('begins at %s in the household’s zone', (quotaReset) => {
    const force = inForce({ children: { an: { quotas, quotaReset } } }, [{ from: 0, minutes: 420 }]);
    const [hours = 0, minutes = 0] = quotaReset.split(':').map(Number);
    const reset = Date.UTC(2026, 10, 21, hours - 7 + 24, minutes);
    const bench = new Bench(force, reset - 10 * MINUTE);
    bench.pass(9, onTablet);
    expect(bench.used()).toBe(9);
    bench.pass(1, onTablet);
    expect(bench.used()).toBe(0);
    bench.pass(3, onTablet);
    expect(bench.used()).toBe(3);
    expect(bench.used(network, reset - 1)).toBe(10);
    expect(bench.used(network, reset + DAY)).toBe(0);
  });

  it.each([
    ['has 25 hours when the clock goes back', Date.UTC(2026, 9, 25, 1), 60, 0, 25],
    ['has 23 hours when it goes forward', Date.UTC(2026, 2, 29, 1), 0, 60, 23],
  ])('%s', (_, change, before, after, hours) => {
    const force = inForce({}, [
      { from: 0, minutes: before },
      { from: change, minutes: after },
    ]);
    const midnight = change - HOUR - before * MINUTE;
    const bench = new Bench(force, midnight);
    bench.pass(hours * 60 - 1, onTablet);
    expect(bench.used()).toBe(hours * 60 - 1);
    bench.pass(1, onTablet);
    expect(bench.used()).toBe(0);
  });

  it('may begin at another hour from now on, or in another zone', () => {
    const bench = new Bench(inForce(), NOON - HOUR);
    bench.pass(60, onTablet);
    bench.pass(30, onTablet);
    const from = (quotaReset: string) => inForce({ children: { an: { quotas, quotaReset } } });
    bench.force = from('12:00');
    expect(bench.used()).toBe(30);
    bench.force = from('13:00');
    expect(bench.used()).toBe(90);
    bench.force = inForce({}, [{ from: 0, minutes: 12 * 60 + 15 }]);
    expect(bench.used()).toBe(90 - 45);
  });
});

describe('when the rules change', () => {
  it('minutes stay: of the network also for a quota that is new', () => {
    const bench = new Bench(inForce({ children: { an: {} } }));
    bench.pass(10, onTablet);
    bench.force = inForce();
    expect(bench.used()).toBe(10);
    const other = { ...network, id: idOf('other'), minutes: [5, 5, 5, 5, 5, 5, 5] };
    bench.force = inForce({ children: { an: { quotas: [other] } } });
    expect(bench.used(other)).toBe(10);
  });

  it('minutes stay with the child whose device it was', () => {
    const bench = new Bench();
    bench.pass(10, onTablet);
    bench.force = inForce({ devices: { [tablet]: 'binh' } });
    bench.pass(5, onTablet);
    expect(bench.used()).toBe(10);
  });

  it('those of a child that is gone are forgotten, but not while no policy is known', () => {
    const bench = new Bench();
    bench.pass(10, onTablet);
    bench.account.prune(new InForce(), bench.moment);
    expect(bench.used()).toBe(10);
    bench.account.prune(inForce({ children: { binh: {} }, devices: {} }), bench.moment);
    expect(JSON.stringify(bench.account)).toBe('{"minutes":{},"undated":{}}');
  });
});

describe('the clock', () => {
  it('set back gives nothing back and counts nothing twice', () => {
    const bench = new Bench();
    bench.pass(30, onTablet);
    bench.now -= 20 * MINUTE;
    expect(bench.used()).toBe(30);
    bench.pass(10, onTablet);
    expect(bench.used()).toBe(30);
    bench.pass(15, onTablet);
    expect(bench.used()).toBe(35);
  });

  it('set back over the reset shows the day before as it was, and again the new day', () => {
    const bench = new Bench(inForce(), NOON + 12 * HOUR - 20 * MINUTE);
    bench.pass(30, onTablet);
    expect(bench.used()).toBe(10);
    bench.now -= HOUR;
    expect(bench.used()).toBe(20);
    bench.now += HOUR;
    expect(bench.used()).toBe(10);
  });

  it('that nobody believes resets nothing, and what is used meanwhile is dated when the time is known', () => {
    const bench = new Bench();
    bench.pass(30, onTablet);
    bench.trusted = false;
    bench.now += 3 * DAY;
    expect(bench.used()).toBe(30);
    bench.pass(10, onTablet);
    expect(bench.used()).toBe(40);
    bench.now -= 10 * DAY;
    expect(bench.used()).toBe(40);
    bench.now += 7 * DAY;
    bench.trusted = true;
    bench.read(QUARTER, []);
    expect(bench.used()).toBe(40);
  });

  it('that is never known keeps a child off for a day at the most', () => {
    const bench = new Bench();
    bench.pass(30, onTablet);
    bench.trusted = false;
    expect(bench.used()).toBe(30);
    bench.pass(10, onTablet);
    bench.now += DAY;
    bench.uptime += DAY - 11 * MINUTE;
    expect(bench.used()).toBe(40);
    bench.uptime += 11 * MINUTE;
    expect(bench.used()).toBeLessThan(10);
  });
});

describe('what is stored', () => {
  const stored = (account: UsageAccount): StoredAccount => JSON.parse(JSON.stringify(account));

  it('is as before after a restart, also when it was written twice', () => {
    const bench = new Bench();
    bench.pass(10, onTablet, [tablet, 'tiktok']);
    const early = stored(bench.account);
    bench.pass(10, onTablet);
    const late = stored(bench.account);
    bench.account = new UsageAccount();
    for (const each of [late, early, late]) bench.account.restore(each, bench.uptime, true);
    expect([bench.used(network), bench.used(tiktok)]).toEqual([20, 10]);
  });

  it('keeps what has no date: after a restart as it was, after a reboot as just used', () => {
    for (const isSameStart of [true, false]) {
      const bench = new Bench();
      bench.trusted = false;
      bench.pass(10, onTablet);
      const kept = stored(bench.account);
      bench.account = new UsageAccount();
      if (!isSameStart) bench.uptime = 30_000;
      bench.account.restore(kept, bench.uptime, isSameStart);
      expect(bench.used()).toBe(10);
      bench.trusted = true;
      bench.read(QUARTER, []);
      expect(bench.used()).toBe(10);
    }
  });
});

describe('whatever happens', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('use' as const),
      quarters: fc.integer({ min: 1, max: 40 }),
      devices: fc.subarray([onTablet, onPhone]),
    }),
    fc.record({ do: fc.constant('restart' as const), quarters: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ do: fc.constant('set' as const), by: fc.integer({ min: -90, max: 90 }) }),
  );
  const steps = fc.array(step, { maxLength: 30 });

  it('no more minutes are used than have passed', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const bench = new Bench();
        const begin = bench.uptime;
        for (const each of all) {
          if (each.do === 'use') bench.pass(each.quarters / 4, ...each.devices);
          if (each.do === 'set') bench.now += each.by * MINUTE;
          if (each.do !== 'restart') continue;
          const kept: StoredAccount = JSON.parse(JSON.stringify(bench.account));
          const gap = each.quarters * QUARTER;
          bench.account = new UsageAccount();
          bench.account.restore(kept, bench.uptime, true);
          bench.now += gap;
          bench.uptime += gap;
          bench.read(gap, [onTablet], each.quarters * 20_000);
        }
        const minutes = (bench.uptime - begin) / MINUTE;
        // A clock that is set cuts one minute in two.
        const cuts = all.filter((each) => each.do === 'set').length;
        expect(bench.used()).toBeLessThanOrEqual(minutes + cuts + 2);
      }),
      { numRuns: 200 },
    );
  });

  it('a run that is killed and goes on with the kernel’s counters tells what one that is not tells', () => {
    const uses = fc.array(
      fc.record({ quarters: fc.integer({ min: 4, max: 60 }), active: fc.boolean(), restart: fc.boolean() }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(uses, (all) => {
        const [whole, broken] = [new Bench(), new Bench()];
        for (const { quarters, active, restart } of all) {
          const using = active ? [onTablet] : [];
          const minutes = Math.ceil(quarters / 4);
          whole.pass(minutes, ...using);
          if (!restart) {
            broken.pass(minutes, ...using);
            continue;
          }
          const kept: StoredAccount = JSON.parse(JSON.stringify(broken.account));
          broken.account = new UsageAccount();
          broken.account.restore(kept, broken.uptime, true);
          broken.now += minutes * MINUTE;
          broken.uptime += minutes * MINUTE;
          broken.read(minutes * MINUTE, using, minutes * 80_000);
        }
        expect(broken.used()).toBe(whole.used());
      }),
      { numRuns: 100 },
    );
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bonus, Quota } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import { type Household, household, idOf } from '../enforce/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import type { Traffic, UsageMarks } from '../services/traffic.ts';
import { UsageFile } from './usage-file.ts';
import { UsageWatch } from './usage-watch.ts';

const MINUTE = 60_000;
const tablet = '02:00:00:00:00:01';
const NOON = Date.UTC(2026, 10, 21, 12);

const quotaOf = (of: Quota['of'], minutes: number): Quota => ({
  id: idOf(JSON.stringify(of)),
  of,
  minutes: Array.from({ length: 7 }, () => minutes),
});
const network = quotaOf({ kind: 'network' }, 30);
const tiktok = quotaOf({ kind: 'service', id: 'tiktok' }, 10);

function inForce(bonuses: Bonus[] = [], quotas = [network, tiktok]): InForce {
  const home: Household = {
    children: { an: { quotas, bonuses } },
    devices: { [tablet]: 'an' },
    services: { 'social/tiktok': ['tiktok.com'] },
  };
  const { policy, contacts } = household(home);
  return new InForce(policy, contacts);
}

/** The kernel's counters: they count on, whether somebody reads them or not. */
class Kernel {
  readonly totals = new Map<string, number>();
  fails = false;

  use(service: string | null, bytes = 20_000): void {
    this.totals.set(`${service}`, (this.totals.get(`${service}`) ?? 0) + bytes);
  }

  reader() {
    let last: Map<string, number> | undefined;
    return {
      readUsage: (): Promise<Traffic[]> => {
        if (this.fails) return Promise.reject(new Error('no kernel'));
        const before = last ?? this.totals;
        last = new Map(this.totals);
        const added = [...this.totals].map(([key, bytes]) => [key, bytes - (before.get(key) ?? 0)] as const);
        return Promise.resolve(
          added.map(([key, bytes]) => ({
            mac: tablet,
            service: key === 'null' ? null : key,
            bytes,
            packets: 1,
          })),
        );
      },
      usageMarks: (): UsageMarks => [...(last ?? [])].map(([key, bytes]) => [key, [bytes]]),
      resumeUsage: (marks: UsageMarks) => {
        last = new Map(marks.map(([key, [bytes = 0]]) => [key, bytes]));
      },
    };
  }
}

let folder: string;
let clock: ManualClock;
let kernel: Kernel;
let force: InForce;
let events: NewEvent[];
let damage: string[];
let start: string;
let changes: number;
let onPolicy: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-usage-'));
  clock = new ManualClock(NOON);
  kernel = new Kernel();
  force = inForce();
  events = [];
  damage = [];
  start = 'first';
  changes = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const path = (where: 'memory' | 'flash') => join(folder, `${where}.json`);

async function forgetMemory(): Promise<void> {
  for (const slot of ['a', 'b']) await rm(`${path('memory')}.${slot}`, { force: true });
}

async function run(): Promise<UsageWatch> {
  const watch = new UsageWatch({
    clock,
    uptime: () => clock.now() - NOON + 3_600_000,
    machineStart: start,
    counters: kernel.reader(),
    inForce: () => force,
    onPolicy: (listener) => {
      onPolicy = listener;
      return () => undefined;
    },
    files: { memory: new UsageFile(path('memory')), flash: new UsageFile(path('flash')) },
    emit: (event) => events.push(event),
    damaged: (detail) => damage.push(detail),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  watch.onChange(() => {
    changes++;
  });
  await watch.start();
  return watch;
}

/** Lets minutes pass, and waits for what each look does. */
async function pass(watch: UsageWatch, minutes: number, ...services: (string | null)[]): Promise<void> {
  for (let quarter = 0; quarter < minutes * 4; quarter++) {
    for (const service of services) kernel.use(service);
    clock.advance(15_000);
    await watch.settled();
  }
}

const used = (watch: UsageWatch, quota = network) => watch.used(idOf('an'), quota.id);
const kinds = () => events.map(({ kind }) => kind);

describe('a watch', () => {
  it('counts from the kernel’s counters, four times a minute', async () => {
    const watch = await run();
    await pass(watch, 5, null);
    await pass(watch, 5);
    await pass(watch, 5, null, 'tiktok');
    expect([used(watch), used(watch, tiktok)]).toEqual([10, 5]);
    expect(watch.today()).toEqual([
      { profile: idOf('an'), day: '2026-11-21', of: { kind: 'network' }, minutes: 10 },
      { profile: idOf('an'), day: '2026-11-21', of: { kind: 'service', id: 'tiktok' }, minutes: 5 },
    ]);
  });

  it('tells of a change when something is spent, comes back or ends earlier, and else keeps still', async () => {
    const watch = await run();
    await pass(watch, 20);
    const idle = changes;
    expect(idle).toBeLessThanOrEqual(1);
    await pass(watch, 9, null, 'tiktok');
    const active = changes;
    expect(active).toBe(idle);
    await pass(watch, 1, null, 'tiktok');
    expect(changes).toBe(active + 1);
    await pass(watch, 19, null);
    expect(changes).toBe(active + 1);
    await pass(watch, 1, null);
    expect(changes).toBe(active + 2);
    force = inForce([{ id: idOf('bonus'), quota: network.id, minutes: 5, at: clock.now(), reason: '' }]);
    onPolicy();
    expect(changes).toBe(active + 3);
  });

  it('tells of a spent quota once, and again where a bonus is spent too', async () => {
    let watch = await run();
    await pass(watch, 32, null);
    expect(events.filter(({ kind }) => kind === 'quota-spent')).toEqual([
      { kind: 'quota-spent', profile: idOf('an'), of: { kind: 'network' }, minutes: 30 },
    ]);
    await watch.stop();
    watch = await run();
    await pass(watch, 2, null);
    expect(kinds().filter((kind) => kind === 'quota-spent')).toHaveLength(1);
    force = inForce([{ id: idOf('bonus'), quota: network.id, minutes: 10, at: clock.now(), reason: '' }]);
    await pass(watch, 10, null);
    expect(kinds().filter((kind) => kind === 'quota-spent')).toHaveLength(2);
    await watch.stop();
  });

  it('tells of minutes a few times an hour, and of a day that has ended for the last time', async () => {
    const watch = await run();
    await pass(watch, 60, null);
    const told = events.filter(({ kind }) => kind === 'usage');
    expect(told.length).toBeGreaterThanOrEqual(4);
    expect(told.length).toBeLessThanOrEqual(5);
    clock.advance(10.9 * 3_600_000);
    await watch.settled();
    events.length = 0;
    await pass(watch, 10, null);
    expect(events.filter(({ kind }) => kind === 'usage')).toContainEqual({
      kind: 'usage',
      profile: idOf('an'),
      day: '2026-11-21',
      of: { kind: 'network' },
      minutes: expect.any(Number),
    });
    expect(events.filter((event) => event.kind === 'usage' && event.day === '2026-11-22')).toHaveLength(1);
  });

  it('counts on when the kernel could not be read for a while', async () => {
    const watch = await run();
    await pass(watch, 2, null);
    kernel.fails = true;
    await pass(watch, 3, null);
    kernel.fails = false;
    await pass(watch, 1, null);
    expect(used(watch)).toBe(6);
  });
});

describe('what is kept', () => {
  it('a daemon that was killed and comes back has given no minute back, nor those while it was gone', async () => {
    const killed = await run();
    await pass(killed, 5, null);
    for (let quarter = 0; quarter < 12; quarter++) kernel.use(null);
    clock = new ManualClock(clock.now() + 3 * MINUTE);
    const watch = await run();
    expect(used(watch)).toBe(5);
    await pass(watch, 1, null);
    expect(used(watch)).toBe(9);
  });

  it('after a power cut it is that of the last write to flash, and after a stop all', async () => {
    const first = await run();
    await pass(first, 20, null);
    start = 'second';
    await forgetMemory();
    const cut = used(await run());
    expect(cut).toBeGreaterThanOrEqual(20 - 8);
    expect(cut).toBeLessThan(20);
    await first.stop();
    await forgetMemory();
    expect(used(await run())).toBe(20);
  });

  it('costs flash little', async () => {
    const watch = await run();
    let written = 0;
    let before: string[] = [];
    for (let minute = 0; minute < 2 * 60; minute++) {
      // Now and then nobody does anything, so that there are many runs.
      await pass(watch, 1, ...(minute % 7 < 5 ? [null, 'tiktok'] : []));
      const slots = ['a', 'b'].map((slot) => readFile(`${path('flash')}.${slot}`, 'utf8').catch(() => ''));
      const now = await Promise.all(slots);
      for (const [index, slot] of now.entries()) if (slot !== before[index]) written += slot.length;
      before = now;
    }
    // Of 2 MB a day for everything.
    expect(written).toBeLessThan(20_000);
  });

  it('is told of where it is damaged, and the rest still holds', async () => {
    const first = await run();
    await pass(first, 20, null);
    await first.stop();
    for (const damaged of ['', '{', '{"start":1}', '[]', '\0\0\0\0']) {
      for (const slot of ['a', 'b']) await writeFile(`${path('flash')}.${slot}`, damaged);
      expect(used(await run())).toBe(20);
    }
    for (const slot of ['a', 'b']) await writeFile(`${path('memory')}.${slot}`, '{"minutes":{"x":');
    await run();
    expect(damage).toHaveLength(7);
  });
});

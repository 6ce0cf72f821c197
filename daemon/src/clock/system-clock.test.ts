import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SavedTime } from './saved-time.ts';
import { SystemClock } from './system-clock.ts';

const HOUR = 3_600_000;
const noon = Date.UTC(2026, 10, 21, 12);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let synchronised: string;
/** The machine: what its clock says, and how long it has been on. */
let machine: { clock: number; on: number };
const open: SystemClock[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-clock-'));
  synchronised = join(folder, 'synchronised');
  machine = { clock: noon, on: 20_000 };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const clock of open.splice(0)) await clock.stop();
  await rm(folder, { recursive: true });
});

async function boot(at: number): Promise<SystemClock> {
  machine = { clock: at, on: 20_000 };
  await rm(synchronised, { force: true });
  return run();
}

/** The daemon starts, in a machine that is on already. */
async function run(): Promise<SystemClock> {
  const clock = new SystemClock(synchronised, {
    saved: new SavedTime(join(folder, 'clock.json'), silent),
    system: {
      now: () => machine.clock,
      steady: () => machine.on - 5000,
      sinceBoot: () => machine.on,
    },
  });
  await clock.start();
  open.push(clock);
  return clock;
}

/** Time goes by. */
function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 1000) {
    const step = Math.min(left, 1000);
    machine.clock += step;
    machine.on += step;
    vi.advanceTimersByTime(step);
  }
}

/** NTP sets the clock, and its hotplug script says so. */
async function ntp(at: number): Promise<void> {
  machine.clock = at;
  await writeFile(synchronised, '');
}

/** Resolves when a time from `at` on is on flash. */
async function saved(at: number): Promise<void> {
  const time = async (): Promise<number> =>
    (await new SavedTime(join(folder, 'clock.json'), silent).load()) ?? 0;
  while ((await time()) < at) await new Promise(setImmediate);
}

describe('the clock of a router', () => {
  it('without a battery goes on from the last time that NTP had said before', async () => {
    const before = await boot(0);
    await ntp(noon);
    pass(1000);
    await saved(noon + 1000);
    pass(7 * HOUR);
    await saved(noon + 6 * HOUR);
    const clock = await boot(0);
    expect(clock.source()).toBe('unsynced');
    const then = clock.now();
    expect(then).toBeGreaterThanOrEqual(noon + 6 * HOUR);
    pass(90_000);
    expect(clock.now()).toBe(then + 90_000);
    await before.stop();
  });

  it('is never before what a document was issued at, and believes a clock that is later', async () => {
    const clock = await boot(0);
    clock.notBefore(noon);
    expect(clock.now()).toBe(noon);
    clock.notBefore(noon - HOUR);
    pass(1000);
    expect(clock.now()).toBe(noon + 1000);
    machine.clock = noon + 8 * HOUR;
    expect(clock.now()).toBe(noon + 8 * HOUR);
  });

  it.each([
    ['ahead', 8 * HOUR],
    ['behind', -8 * HOUR],
  ])(
    'that is eight hours %s is set by NTP, to any side, and says so to who waits for times',
    async (_, wrong) => {
      const clock = await boot(noon + wrong);
      if (wrong < 0) clock.notBefore(noon - HOUR);
      const told = vi.fn();
      clock.onSet(told);
      expect(clock.known()).toBe(false);
      await ntp(noon);
      pass(1000);
      expect(told).toHaveBeenCalled();
      expect({ now: clock.now(), source: clock.source(), known: clock.known() }).toEqual({
        now: noon + 1000,
        source: 'ntp',
        known: true,
      });
    },
  );

  it('that was set is believed also where it steps back, and where NTP is lost after', async () => {
    const clock = await boot(0);
    await ntp(noon);
    pass(2000);
    const told = vi.fn();
    const forget = clock.onSet(told);
    machine.clock -= 2 * HOUR;
    pass(1000);
    expect(told).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(noon + 3000 - 2 * HOUR);
    machine.clock += 5 * HOUR;
    pass(1000);
    expect(told).toHaveBeenCalledTimes(2);
    await rm(synchronised);
    pass(HOUR);
    expect({ source: clock.source(), known: clock.known() }).toEqual({ source: 'unsynced', known: true });
    expect(told).toHaveBeenCalledTimes(2);
    forget();
    machine.clock += 5 * HOUR;
    pass(1000);
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('counts as known some minutes after a boot without NTP, so that nobody is shut out for hours', async () => {
    const clock = await boot(noon);
    const told = vi.fn();
    clock.onSet(told);
    pass(4 * 60_000);
    expect(clock.known()).toBe(false);
    pass(60_000);
    expect(clock.known()).toBe(true);
    expect(told).toHaveBeenCalledTimes(1);
    const again = await run();
    expect(again.known()).toBe(true);
  });

  it('saves no guess', async () => {
    const guess = await boot(noon + 8 * HOUR);
    pass(7 * HOUR);
    await guess.stop();
    expect((await boot(noon)).now()).toBe(noon);
  });

  it('does without what was saved where that is damaged', async () => {
    for (const damaged of ['', '{', '"tomorrow"', '-1', '1e300', 'null']) {
      await writeFile(join(folder, 'clock.json'), damaged);
      expect((await boot(noon)).now()).toBe(noon);
    }
  });
});

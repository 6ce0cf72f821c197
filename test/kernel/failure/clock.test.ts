import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newId } from '@khien/shared/id';
import type { Schedule } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, request } from '../../home/index.ts';
import { StoredHome } from '../../system/stored-home.ts';

const HOUR = 3_600_000;
const fakeTime = fileURLToPath(new URL('../../system/fake-time.cjs', import.meta.url));

/**
 * Off from seven hours from now to nine, in UTC, and twelve hours later again: eight hours to any side are in a bedtime, and
 * now is not.
 */
function bedtimes(): Schedule[] {
  const at = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString().slice(11, 16);
  const bedtime = (from: number, to: number): Schedule => ({
    id: newId(),
    name: '',
    mode: 'offline',
    holidays: 'included',
    days: [1, 2, 3, 4, 5, 6, 7],
    start: at(from),
    end: at(to),
  });
  return [bedtime(7, 9), bedtime(-9, -7)];
}

/** The clock of the daemon alone is wrong; nobody sets that of the machine. */
describe('with a clock that', () => {
  let stored: StoredHome;
  let clockFile: string;

  beforeEach(async () => {
    stored = await StoredHome.start({ schedules: bedtimes() });
    clockFile = join(stored.router.folder, 'clock');
    stored.router.preload = { script: fakeTime, env: { KHIEN_TEST_CLOCK: clockFile } };
    await wrongBy(0);
  });
  afterEach(() => stored?.stop());

  const wrongBy = (milliseconds: number): Promise<void> => writeFile(clockFile, String(milliseconds));
  const withoutLease = async (): Promise<number> => (await stored.router.status()).lan.withoutLease;
  const off = () => eventually('the child is off', async () => (await withoutLease()) === 1, 15_000);
  const on = () => eventually('the child is on', async () => (await withoutLease()) === 0, 15_000);
  const web = async (): Promise<boolean> => {
    const { v4 } = stored.home.internet.site('vnexpress.net');
    return (await request(stored.tablet, `https://${v4}/`, { timeout: 1500 })).reached;
  };

  it('steps forwards and back while the daemon runs, access follows', async () => {
    await stored.router.start();
    await on();
    expect(await web()).toBe(true);
    for (const wrong of [8 * HOUR, 0, -8 * HOUR]) {
      await wrongBy(wrong);
      await (wrong === 0 ? on() : off());
      expect(await web()).toBe(wrong === 0);
    }
  });

  it.each([
    ['is eight hours ahead', 8 * HOUR],
    ['is eight hours behind', -8 * HOUR],
    ['has no battery and says 1970', -Date.now()],
  ])('%s, whoever has a bedtime waits for NTP, with help open', async (_, wrong) => {
    await wrongBy(wrong);
    await stored.router.start();
    await stored.reboot();
    await rm(stored.router.synchronisedFile);
    await stored.router.start();
    const { timeSource } = await stored.router.status();
    expect(timeSource).toBe('unsynced');
    await off();
    expect(await request(stored.tablet, 'http://tongdai111.vn/')).toMatchObject({ reached: true });
    await wrongBy(0);
    await writeFile(stored.router.synchronisedFile, '');
    await on();
    expect(await web()).toBe(true);
    expect((await stored.router.status()).timeSource).toBe('ntp');
  });
});

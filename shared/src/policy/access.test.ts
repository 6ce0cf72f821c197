import { describe, expect, it } from 'vitest';
import { newId } from '../id.ts';
import { type AccessBasis, accessAt, moreTime, type Timed } from './access.ts';
import { nothingUsed } from './quota.ts';
import type { Schedule } from './schedule.ts';
import { MINUTE } from './zone.ts';

const schedule = (days: number[], start: string, end: string): Schedule => ({
  id: newId(),
  name: 'test',
  mode: 'offline',
  holidays: 'included',
  days,
  start,
  end,
});

describe('access', () => {
  const basis: AccessBasis = { offsets: [{ from: 0, minutes: 7 * 60 }], holidays: [], used: nothingUsed };
  const access = (profile: Timed, now: number) => accessAt(profile, basis, now);
  const evening = Date.UTC(2026, 10, 20, 13, 0); // Friday 20:00 in Hà Nội
  const bedtime = Date.UTC(2026, 10, 20, 14, 0);
  const morning = Date.UTC(2026, 10, 20, 23, 0);
  const none = { quotas: [], quotaReset: '00:00' };
  const base: Timed = {
    id: newId(),
    rules: { ...none, schedules: [schedule([5], '21:00', '06:00')] },
    pause: null,
    grant: null,
    learning: null,
    bonuses: [],
  };

  it('is on until bedtime, and off until the morning', () => {
    expect(access(base, evening)).toEqual({ mode: 'open', online: true, reason: 'free', until: bedtime });
    expect(access(base, bedtime)).toEqual({ mode: 'off', online: false, reason: 'schedule', until: morning });
    expect(access(base, morning).online).toBe(true);
  });

  it('is off while paused; a pause that ends inside bedtime hands over to it', () => {
    const paused = { ...base, pause: { since: evening, until: bedtime + MINUTE } };
    expect(access(paused, evening)).toEqual({ mode: 'off', online: false, reason: 'pause', until: morning });
    const open = { ...base, rules: { ...none, schedules: [] }, pause: { since: evening, until: null } };
    expect(access(open, evening)).toEqual({ mode: 'off', online: false, reason: 'pause', until: null });
  });

  it('lets a grant beat pause and bedtime until it ends', () => {
    const granted = {
      ...base,
      pause: { since: evening, until: null },
      grant: { since: bedtime, until: bedtime + 15 * MINUTE },
    };
    expect(access(granted, bedtime)).toEqual({
      mode: 'open',
      online: true,
      reason: 'grant',
      until: bedtime + 15 * MINUTE,
    });
    expect(access(granted, bedtime + 15 * MINUTE)).toEqual({
      mode: 'off',
      online: false,
      reason: 'pause',
      until: null,
    });
  });

  it('ends however far ahead a grant or a pause does, as where the clock is weeks behind until it is set', () => {
    const far = evening + 30 * 24 * 60 * MINUTE;
    const granted = { ...base, pause: { since: 0, until: null }, grant: { since: 0, until: far } };
    expect(access(granted, evening)).toEqual({ mode: 'open', online: true, reason: 'grant', until: far });
    // Then a Sunday at 20:00, after which the next bedtime is on Friday the 25th.
    const scheduled = { ...granted, pause: null };
    const next = Date.UTC(2026, 11, 25, 14, 0);
    expect(access(scheduled, evening)).toEqual({ mode: 'open', online: true, reason: 'grant', until: next });
    const paused = { ...base, pause: { since: 0, until: far } };
    expect(access(paused, evening)).toEqual({ mode: 'off', online: false, reason: 'pause', until: far });
  });

  it('has no end where nothing ends it, and no beginning where every hour is off', () => {
    expect(access({ ...base, rules: { ...none, schedules: [] } }, evening).until).toBeNull();
    const never = {
      ...base,
      rules: { ...none, schedules: [schedule([1, 2, 3, 4, 5, 6, 7], '00:00', '00:00')] },
    };
    expect(access(never, evening)).toEqual({ mode: 'off', online: false, reason: 'schedule', until: null });
  });

  it('adds minutes to where access would have ended', () => {
    expect(moreTime(base, basis, evening, 15)).toEqual({
      kind: 'grant',
      grant: { since: evening, until: bedtime + 15 * MINUTE },
    });
    expect(moreTime(base, basis, bedtime + 5 * MINUTE, 15)).toMatchObject({
      grant: { until: bedtime + 20 * MINUTE },
    });
    expect(moreTime({ ...base, rules: { ...none, schedules: [] } }, basis, evening, 15)).toBeUndefined();
  });
});

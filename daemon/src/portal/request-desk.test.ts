import { type EventOf, eventSchema } from '@khien/shared/event';
import { newId } from '@khien/shared/id';
import { type Answer, nothingUsed, type Profile, type Rules, type Used } from '@khien/shared/policy';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { AN, BINH, policy } from '../dns/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import { RequestDesk } from './request-desk.ts';
import type { RequestForm } from './request-form.ts';

const MINUTE = 60_000;
const pause = { since: 0, until: null };
const time: RequestForm = { ask: 'time', minutes: 30, of: null, text: 'bài tập' };
const help = (text: string): RequestForm => ({ ask: 'help', minutes: 0, of: null, text });

function desk(
  parts: {
    submit?: (event: EventOf<'request'>) => Promise<void>;
    answers?: Answer[];
    an?: Partial<Profile>;
    anRules?: Partial<Rules>;
    used?: Used;
  } = {},
) {
  const clock = new ManualClock();
  const events: EventOf<'request'>[] = [];
  const answers = parts.answers ?? [];
  const force = new InForce(
    { ...policy({ an: parts.an ?? { pause }, ...(parts.anRules && { anRules: parts.anRules }) }), answers },
    [],
  );
  const child = force.managed(AN.mac);
  const other = force.managed(BINH.mac);
  if (child === undefined || other === undefined) throw new Error('not managed');
  const submit =
    parts.submit ??
    ((event: EventOf<'request'>) => {
      events.push(event);
      return Promise.resolve();
    });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const subject = new RequestDesk({ clock, used: parts.used ?? nothingUsed, log, submit });
  return {
    clock,
    events,
    answers,
    force,
    subject,
    file: (form: RequestForm, by = child) => subject.file(form, by, force),
    other,
  };
}

describe('RequestDesk', () => {
  test('stores an event of the contract', async () => {
    const { file, events, subject } = desk();
    expect(await file(time)).toEqual({ outcome: 'filed' });
    expect(events).toHaveLength(1);
    expect(eventSchema.safeParse(events[0]).success).toBe(true);
    expect(events[0]).toMatchObject({
      kind: 'request',
      ask: 'time',
      minutes: 30,
      text: 'bài tập',
      profile: AN.profile,
      device: AN.device,
      timeSource: 'ntp',
    });
    expect(subject.of(AN.profile)).toMatchObject([{ request: events[0]?.request, ask: 'time' }]);
    expect(JSON.stringify(subject.of(AN.profile))).not.toContain('bài tập');
  });

  test('keeps one request for time waiting, for half an hour or until it is answered', async () => {
    const { file, clock, events, answers } = desk();
    await file(time);
    expect(await file(time)).toEqual({ outcome: 'refused', error: 'TIME_PENDING' });
    clock.advance(30 * MINUTE);
    expect(await file(time)).toEqual({ outcome: 'filed' });
    const request = events[1]?.request ?? '';
    answers.push({ request, profile: AN.profile, granted: false, minutes: 0, reply: '', at: clock.now() });
    expect(await file(time)).toEqual({ outcome: 'filed' });
  });

  test('a second tap before the first is stored finds it waiting', async () => {
    let store: () => void = () => undefined;
    const { file } = desk({ submit: () => new Promise((resolve) => (store = resolve)) });
    const first = file(time);
    expect(await file(time)).toEqual({ outcome: 'refused', error: 'TIME_PENDING' });
    store();
    expect(await first).toEqual({ outcome: 'filed' });
  });

  test('takes five requests for time an hour from a device', async () => {
    const { file, clock, events, answers } = desk();
    for (let n = 0; n < 5; n += 1) {
      expect(await file(time)).toEqual({ outcome: 'filed' });
      const request = events[n]?.request ?? '';
      answers.push({ request, profile: AN.profile, granted: false, minutes: 0, reply: '', at: clock.now() });
      clock.advance(5 * MINUTE);
    }
    expect(await file(time)).toEqual({ outcome: 'refused', error: 'TIME_TOO_OFTEN' });
    clock.advance(36 * MINUTE);
    expect(await file(time)).toEqual({ outcome: 'filed' });
  });

  test('does not take a request for time where the network never ends', async () => {
    const { file, other } = desk();
    expect(await file(time, other)).toEqual({ outcome: 'refused', error: 'TIME_NOT_LIMITED' });
    expect(await file(help('a'), other)).toEqual({ outcome: 'filed' });
  });

  describe('while the time of a service is used up and the network is on', () => {
    const minutes = [60, 60, 60, 60, 60, 60, 60];
    const tiktok = { kind: 'service', id: 'tiktok' } as const;
    const social = { kind: 'category', id: 'social' } as const;
    const quotas = [tiktok, social].map((of) => ({ id: newId(), of, minutes }));
    const [ofTiktok] = quotas;
    const spent: Used = (_, quota) => (quota === ofTiktok?.id ? 60 : 10);
    const limited = (anRules: Partial<Rules> = {}, an: Partial<Profile> = {}) =>
      desk({ an, anRules: { blockedServices: [], quotas, ...anRules }, used: spent });
    const more = (of: RequestForm['of']): RequestForm => ({ ask: 'time', minutes: 15, of, text: '' });

    test('takes a request for more of it, and says of what', async () => {
      const { file, events } = limited();
      expect(await file(more(tiktok))).toEqual({ outcome: 'filed' });
      expect(eventSchema.parse(events[0])).toMatchObject({ ask: 'time', minutes: 15, quota: tiktok });
      expect(events[0]).not.toHaveProperty('of');
      expect(await file(more(tiktok))).toEqual({ outcome: 'refused', error: 'TIME_PENDING' });
    });

    test('takes none for what has time left, or has no limit', async () => {
      const { file } = limited();
      expect(await file(more(social))).toEqual({ outcome: 'refused', error: 'TIME_NOT_SPENT' });
      expect(await file(more({ kind: 'service', id: 'youtube' }))).toMatchObject({ error: 'TIME_NOT_SPENT' });
      expect(await file(more(null))).toEqual({ outcome: 'refused', error: 'TIME_NOT_LIMITED' });
    });

    test('takes one for the network beside it, where that ends too', async () => {
      const bedtime = {
        id: newId(),
        name: 'Giờ ngủ',
        mode: 'offline' as const,
        holidays: 'included' as const,
        days: [1, 2, 3, 4, 5, 6, 7],
        start: '21:00',
        end: '06:00',
      };
      const { file } = limited({ schedules: [bedtime] });
      expect(await file(more(tiktok))).toEqual({ outcome: 'filed' });
      expect(await file(more(null))).toEqual({ outcome: 'filed' });
    });

    test('takes none for what is blocked besides', async () => {
      for (const rules of [{ blockedServices: ['tiktok'] }, { blockedCategories: ['social'] }]) {
        expect(await limited(rules).file(more(tiktok))).toMatchObject({ error: 'TIME_NOT_SPENT' });
      }
    });

    test('takes none for it while the network is off: it would open nothing', async () => {
      const { file, events } = limited({}, { pause });
      expect(await file(more(tiktok))).toEqual({ outcome: 'refused', error: 'TIME_NOT_SPENT' });
      expect(await file(more(null))).toEqual({ outcome: 'filed' });
      expect(events[0]).not.toHaveProperty('quota');
    });
  });

  test('never refuses a call for help; a repeat within a minute is one with it', async () => {
    const { file, clock, events } = desk();
    await file(time);
    expect(await file(help('em sợ'))).toEqual({ outcome: 'filed' });
    expect(await file(help('em sợ'))).toEqual({ outcome: 'merged' });
    expect(await file(help('em sợ lắm'))).toEqual({ outcome: 'filed' });
    clock.advance(MINUTE);
    expect(await file(help('em sợ lắm'))).toEqual({ outcome: 'filed' });
    expect(events).toHaveLength(4);
  });

  test('merges a flood of calls for help', async () => {
    const { file, events } = desk();
    for (let n = 0; n < 100; n += 1) expect((await file(help(`n${n}`))).outcome).not.toBe('refused');
    expect(events).toHaveLength(20);
  });

  test('counts nothing that could not be stored', async () => {
    let broken = true;
    const { file, subject } = desk({
      submit: () => (broken ? Promise.reject(new Error('EROFS')) : Promise.resolve()),
    });
    for (let n = 0; n < 10; n += 1) expect(await file(time)).toEqual({ outcome: 'failed' });
    expect(await file(help('a'))).toEqual({ outcome: 'failed' });
    expect(subject.of(AN.profile)).toEqual([]);
    broken = false;
    expect(await file(time)).toEqual({ outcome: 'filed' });
    expect(await file(help('a'))).toEqual({ outcome: 'filed' });
  });

  test('shows a child its own requests of a day, newest first', async () => {
    const { file, clock, subject } = desk();
    await file(help('a'));
    clock.advance(23 * 60 * MINUTE);
    await file(time);
    expect(subject.of(AN.profile).map(({ ask }) => ask)).toEqual(['time', 'help']);
    expect(subject.of(BINH.profile)).toEqual([]);
    clock.advance(2 * 60 * MINUTE);
    expect(subject.of(AN.profile).map(({ ask }) => ask)).toEqual(['time']);
  });

  test('takes a call for help, and a wish for time, also after the clock was set back', async () => {
    const { file, events, clock } = desk();
    await file(help(''));
    await file(time);
    clock.set(clock.now() - 8 * 60 * MINUTE);
    expect(await file(help(''))).toEqual({ outcome: 'filed' });
    expect(await file(time)).toEqual({ outcome: 'filed' });
    expect(events).toHaveLength(4);
  });
});

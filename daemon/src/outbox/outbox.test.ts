import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@khien/shared/id';
import type { Usage } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import type { NewEvent } from '../documents/documents.ts';
import { Outbox } from './outbox.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const child = { profile: newId(), device: newId() };
let folder: string;
let clock: ManualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-outbox-'));
  clock = new ManualClock();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = async (capacity = 1000): Promise<Outbox> => {
  const outbox = new Outbox({ folder: join(folder, 'outbox'), clock, log: silent, capacity });
  await outbox.start();
  return outbox;
};
const router = (detail: string): NewEvent => ({ kind: 'router', code: 'STARTED', detail });
const blocked = (burst: string, count: number): NewEvent => ({
  kind: 'blocked',
  ...child,
  burst,
  target: { kind: 'service', id: 'tiktok', name: 'tiktok.com' },
  count,
  firstAt: clock.now(),
  lastAt: clock.now(),
});
const details = (outbox: Outbox): string[] =>
  outbox.oldest(100).map((event) => (event.kind === 'router' ? event.detail : event.kind));

describe('the outbox', () => {
  it('gives events oldest first and forgets only what is removed', async () => {
    const outbox = await open();
    await outbox.put(router('a'));
    outbox.putVolatile(blocked(newId(), 1));
    await outbox.put(router('b'));
    expect(details(outbox)).toEqual(['a', 'blocked', 'b']);
    expect(outbox.oldest(1)).toHaveLength(1);
    await outbox.remove(outbox.oldest(2).map((event) => event.id));
    expect(details(outbox)).toEqual(['b']);
    await outbox.stop();
  });

  it('has durable events back after the process was killed', async () => {
    const outbox = await open();
    await outbox.put(router('kept'));
    outbox.putVolatile(blocked(newId(), 1));
    // As after kill -9: a copy of what is on disk, while the first one never closes properly.
    const { cp } = await import('node:fs/promises');
    await cp(join(folder, 'outbox'), join(folder, 'copy'), { recursive: true });
    await outbox.stop();
    const after = new Outbox({ folder: join(folder, 'copy'), clock, log: silent, capacity: 10 });
    await after.start();
    expect(details(after)).toEqual(['kept']);
    await after.stop();
  });

  it('writes volatile events at a checkpoint and at stop', async () => {
    const first = await open();
    first.putVolatile(blocked(newId(), 1));
    await first.stop();
    const second = await open();
    expect(details(second)).toEqual(['blocked']);
    await second.remove(second.oldest(10).map((event) => event.id));
    await second.stop();
    const third = await open();
    expect(third.size).toBe(0);
    await third.stop();
  });

  it('keeps the newest word of what was used of one thing on one day', async () => {
    const outbox = await open();
    const profile = newId();
    const tell = (day: string, minutes: number, of: Usage['of'] = { kind: 'network' }) =>
      outbox.putVolatile({ kind: 'usage', profile, day, of, minutes });
    for (const minutes of [15, 30]) {
      tell('2026-11-21', minutes);
      tell('2026-11-21', minutes, { kind: 'service', id: 'tiktok' });
    }
    tell('2026-11-22', 5);
    expect(outbox.oldest(9).map((event) => event.kind === 'usage' && event.minutes)).toEqual([30, 30, 5]);
    await outbox.stop();
  });

  it('keeps the newest word of a burst only', async () => {
    const outbox = await open();
    const burst = newId();
    outbox.putVolatile(blocked(burst, 1));
    outbox.putVolatile(blocked(newId(), 1));
    outbox.putVolatile(blocked(burst, 7));
    const counts = outbox.oldest(10).map((event) => (event.kind === 'blocked' ? event.count : 0));
    expect(counts).toEqual([1, 7]);
    const tried = { ...child, burst: newId(), method: 'vpn', service: null, firstAt: 1, lastAt: 1 } as const;
    for (const count of [1, 2]) outbox.putVolatile({ kind: 'bypass', ...tried, count });
    expect(outbox.oldest(10).map((event) => event.kind)).toEqual(['blocked', 'blocked', 'bypass']);
    await outbox.stop();
  });

  it('drops the oldest volatile event when full, never a durable one, and says how many', async () => {
    const outbox = await open(3);
    await outbox.put(router('durable'));
    for (let count = 1; count <= 5; count += 1) outbox.putVolatile(blocked(newId(), count));
    expect(outbox.size).toBe(3);
    expect(details(outbox)[0]).toBe('durable');
    await outbox.stop();
    const again = await open();
    expect(details(again)).toContain('4 events');
    await again.stop();
  });

  it('drops the oldest of all but requests when all are durable', async () => {
    const outbox = await open(3);
    const request = { request: newId(), ask: 'help' as const, minutes: 0, text: '' };
    await outbox.put({ kind: 'request', ...child, ...request });
    for (const detail of ['a', 'b', 'c', 'd']) await outbox.put(router(detail));
    expect(details(outbox)).toEqual(['request', 'c', 'd']);
    await outbox.stop();
    const again = await open();
    expect(details(again)).toEqual(['request', 'd', '3 events']);
    await again.stop();
  });

  it('is not filled by a device that makes up addresses', async () => {
    const outbox = await open();
    outbox.putVolatile(blocked(newId(), 1));
    for (let n = 0; n < 900; n += 1) {
      const mac = `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;
      outbox.putVolatile({ kind: 'device-found', mac, hostname: null, fingerprint: null });
    }
    expect(outbox.size).toBe(257);
    expect(outbox.oldest(1)).toMatchObject([{ kind: 'blocked' }]);
    expect(outbox.oldest(1000).at(-1)).toMatchObject({ mac: '02:00:00:00:03:83' });
    await outbox.stop();
  });

  it('takes what repeats itself once, and again when it goes on', async () => {
    const outbox = await open();
    const refused: NewEvent = { kind: 'document-refused', code: 'DOCUMENT_BAD_SIGNATURE', reason: '' };
    for (let n = 0; n < 5; n += 1) {
      await outbox.put(router('failing'));
      await outbox.put(refused);
    }
    expect(details(outbox)).toEqual(['failing', 'document-refused']);
    await outbox.remove(outbox.oldest(2).map(({ id }) => id));
    await outbox.put(router('failing'));
    await outbox.put(refused);
    expect(details(outbox)).toEqual(['document-refused']);
    clock.advance(10 * 60_000);
    await outbox.put(router('failing'));
    expect(details(outbox)).toEqual(['document-refused', 'failing']);
    await outbox.stop();
  });

  it('holds events in memory where it cannot be written, and writes them when it can', async () => {
    await writeFile(join(folder, 'flash'), 'a file where the folder of the store shall be');
    const open = async (): Promise<Outbox> => {
      const outbox = new Outbox({ folder: join(folder, 'flash', 'outbox'), clock, log: silent, capacity: 9 });
      await outbox.start();
      return outbox;
    };
    const outbox = await open();
    await expect(outbox.put(router('in memory'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(outbox.oldest(9)).toMatchObject([{ code: 'STORE_UNAVAILABLE' }, { detail: 'in memory' }]);
    await rm(join(folder, 'flash'));
    clock.advance(15 * 60_000);
    await expect
      .poll(() =>
        outbox.put(router('on flash')).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await outbox.stop();
    const again = await open();
    expect(details(again)).toEqual(expect.arrayContaining(['in memory', 'on flash']));
    await again.stop();
  });

  it('gives ids that increase also when the clock steps back', async () => {
    const outbox = await open();
    await outbox.put(router('first'));
    clock = new ManualClock(clock.now() - 3_600_000);
    await outbox.put(router('second'));
    const [first, second] = outbox.oldest(2);
    expect((first?.id ?? '') < (second?.id ?? '')).toBe(true);
    await outbox.stop();
  });

  it('sets a damaged store aside, begins a new one and says so', async () => {
    const outbox = await open();
    await outbox.put(router('lost'));
    await outbox.stop();
    for (const file of await readdir(join(folder, 'outbox'))) {
      if (file === 'CURRENT') await writeFile(join(folder, 'outbox', file), 'nonsense');
      else await truncate(join(folder, 'outbox', file), 3);
    }
    const again = await open();
    expect(again.oldest(10)).toMatchObject([{ kind: 'router', code: 'STORE_REBUILT' }]);
    expect((await readdir(folder)).some((name) => name.startsWith('outbox.damaged-'))).toBe(true);
    await again.stop();
  });

  it('leaves a store alone that another process has open', async () => {
    const outbox = await open();
    await expect(open()).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['outbox']);
    await outbox.stop();
  });
});

import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HELP_ADDRESSES } from './access-table.ts';
import { ApplyQueue } from './apply-queue.ts';
import { HelpAddresses } from './help-addresses.ts';

describe('the queue', () => {
  /** A queue whose jobs end when told. */
  function held() {
    const ran: number[] = [];
    const ends: ((error?: Error) => void)[] = [];
    const queue = new ApplyQueue<number>((job) => {
      ran.push(job);
      return new Promise((resolve, reject) => {
        ends.push((error) => (error === undefined ? resolve() : reject(error)));
      });
    });
    const end = async (index: number, error?: Error) => {
      ends[index]?.(error);
      await turn();
    };
    return { queue, ran, end };
  }

  it('runs one at a time, and of those that wait the last', async () => {
    const { queue, ran, end } = held();
    const first = queue.add(1);
    await Promise.resolve();
    const waiting = [queue.add(2), queue.add(3)];
    expect([ran, queue.waiting]).toEqual([[1], 3]);
    await end(0);
    await first;
    expect([ran, queue.waiting]).toEqual([[1, 3], undefined]);
    await end(1);
    await Promise.all(waiting);
  });

  it('gives an outcome to all that it stands for, and goes on after a failure', async () => {
    const { queue, ran, end } = held();
    const first = queue.add(1);
    await Promise.resolve();
    const waiting = [queue.add(2), queue.add(3)].map((done) => done.catch((error: Error) => error.message));
    const failed = first.catch((error: Error) => error.message);
    await end(0, new Error('no'));
    expect(await failed).toBe('no');
    await end(1, new Error('neither'));
    expect(await Promise.all(waiting)).toEqual(['neither', 'neither']);
    const last = queue.add(4);
    await Promise.resolve();
    await end(2);
    await last;
    expect(ran).toEqual([1, 3, 4]);
  });

  it('is idle when nothing runs or waits', async () => {
    const { queue, end } = held();
    await queue.idle();
    let idle = false;
    void queue.add(1);
    await Promise.resolve();
    void queue.add(2);
    const waited = queue.idle().then(() => {
      idle = true;
    });
    await end(0);
    expect(idle).toBe(false);
    await end(1);
    await waited;
  });
});

describe('help addresses', () => {
  it('are kept once, and nothing else is', () => {
    const help = new HelpAddresses();
    expect(help.add(['192.0.2.1', '2001:db8::1', 'fe80::1%eth0', 'example.org', ''])).toBe(true);
    expect(help.add(['192.0.2.1'])).toBe(false);
    expect(help.list().sort()).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  it('are as many as the sets hold, the newest', () => {
    const help = new HelpAddresses();
    const many = Array.from({ length: HELP_ADDRESSES + 5 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    help.add(['2001:db8::1', ...many]);
    expect(help.list()).toHaveLength(HELP_ADDRESSES + 1);
    expect(help.list()).not.toContain('10.0.0.4');
    expect(help.list()).toEqual(expect.arrayContaining(['10.0.0.5', many.at(-1)]));
  });
});

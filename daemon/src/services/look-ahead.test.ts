import { encode, type Packet } from 'dns-packet';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import type { Query } from '../dns/query.ts';
import { LookAhead } from './look-ahead.ts';
import { lookAheadNames } from './look-ahead-names.ts';

describe('the hosts', () => {
  it('are the first names of all services, then their www, then the second names', () => {
    expect(lookAheadNames([['a.vn', 'b.vn'], ['c.vn']])).toEqual([
      'a.vn',
      'c.vn',
      'www.a.vn',
      'www.c.vn',
      'b.vn',
      'www.b.vn',
    ]);
  });

  it('are few, each once', () => {
    const services = Array.from({ length: 100 }, (_, n) =>
      Array.from({ length: 9 }, (_, m) => `n${m}.s${n}.vn`),
    );
    expect(lookAheadNames(services)).toHaveLength(300);
    expect(lookAheadNames([['a.vn'], ['a.vn'], []])).toEqual(['a.vn', 'www.a.vn']);
    expect(lookAheadNames([])).toEqual([]);
  });
});

describe('looking ahead', () => {
  let clock: ManualClock;
  let hosts: string[];
  let asked: string[];
  let learned: string[];
  let silent: boolean;
  let lookAhead: LookAhead;

  beforeEach(() => {
    clock = new ManualClock();
    const start = clock.now();
    [hosts, asked, learned, silent] = [['a.vn', 'b.vn', 'empty.vn'], [], [], false];
    lookAhead = new LookAhead({
      clock,
      uptime: () => clock.now() - start,
      hosts: () => hosts,
      ask: ({ name, type }: Query) => {
        asked.push(`${name} ${type}`);
        const answers = name === 'empty.vn' ? [] : [{ type: 'A', name, ttl: 60, data: '192.0.2.1' }];
        const packet = { type: 'response', id: 1, flags: 0x0180, questions: [{ type: 'A', name }], answers };
        return Promise.resolve(silent ? null : Buffer.from(encode(packet as Packet)));
      },
      learn: (name) => void learned.push(name),
    });
  });

  /** Lets so many seconds pass, and what happens in them happen. */
  async function pass(seconds: number): Promise<void> {
    for (let step = 0; step < seconds * 10; step++) {
      clock.advance(100);
      await new Promise(setImmediate);
    }
  }

  it('asks for both addresses of each host once, at a pace', async () => {
    await lookAhead.start();
    expect(asked).toEqual([]);
    await pass(2);
    expect(asked).toEqual(hosts.flatMap((host) => [`${host} 1`, `${host} 28`]));
    expect(learned).toEqual(['a.vn', 'a.vn', 'b.vn', 'b.vn', 'empty.vn', 'empty.vn']);
    await pass(60);
    expect(asked).toHaveLength(6);
    await lookAhead.stop();
  });

  it('asks again before the addresses are forgotten; for what had none, later', async () => {
    await lookAhead.start();
    await pass(2);
    clock.advance(29 * 60_000);
    await pass(20);
    expect(asked).toHaveLength(6);
    clock.advance(22 * 60_000);
    await pass(20);
    expect(asked.slice(6).sort()).toEqual(['a.vn 1', 'a.vn 28', 'b.vn 1', 'b.vn 28']);
    await lookAhead.stop();
  });

  it('turns to new hosts, and leaves what is none any more', async () => {
    await lookAhead.start();
    await pass(2);
    hosts = ['a.vn', 'new.vn'];
    await pass(10);
    expect(asked.slice(6)).toEqual(['new.vn 1', 'new.vn 28']);
    await lookAhead.stop();
  });

  it('waits while the resolver is silent, and then begins where it was', async () => {
    silent = true;
    await lookAhead.start();
    await pass(20);
    expect(asked).toEqual(['a.vn 1', 'a.vn 28']);
    silent = false;
    await pass(30);
    expect(learned[0]).toBe('a.vn');
    await lookAhead.stop();
    const before = asked.length;
    clock.advance(3600_000);
    await pass(5);
    expect(asked).toHaveLength(before);
  });
});

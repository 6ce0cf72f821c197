import { beforeEach, describe, expect, it } from 'vitest';
import { household, idOf } from '../enforce/fixture/household.ts';
import { MAX_STUDY_ADDRESSES, StudyAddresses } from './study-addresses.ts';

const HOUR = 3600_000;
const [an, binh] = [idOf('an'), idOf('binh')];

let now: number;
let study: StudyAddresses;

const { policy } = household({
  children: { an: { safeSearch: true }, binh: { allowedNames: ['chess.com'] } },
  learningNames: ['hocmai.vn', 'www.bing.com', 'lencr.org'],
});

const sight = (name: string, addresses: readonly string[], { ttl = 60, rewritten = false } = {}) =>
  study.sighted(name, rewritten, { addresses, ttl, aliases: [] });
const openTo = (profile: string) => Object.fromEntries(study.openings().open.get(profile) ?? []);

beforeEach(() => {
  now = 0;
  study = new StudyAddresses(() => now);
  study.follow(policy);
});

describe('an answer to a name of study', () => {
  it('opens its addresses to all who may have the name, and says only the policy’s name', () => {
    expect(sight('video.hocmai.vn', ['192.0.2.1', '2001:db8::1'])).toBe(true);
    sight('www.chess.com', ['192.0.2.2']);
    expect(openTo(an)).toEqual({ '192.0.2.1': 'hocmai.vn', '2001:db8::1': 'hocmai.vn' });
    expect(openTo(binh)).toEqual({ ...openTo(an), '192.0.2.2': 'chess.com' });
  });

  it('opens nothing of the home, but what DNS64 makes of addresses', () => {
    sight('hocmai.vn', ['192.168.50.1', '10.0.0.1', '::1', 'fd50::1', 'fe80::1', '64:ff9b::c000:201']);
    expect(openTo(an)).toEqual({ '64:ff9b::c000:201': 'hocmai.vn' });
  });

  it('of its filtered form opens that to who gets it, and the other to who does not', () => {
    sight('www.bing.com', ['192.0.2.3'], { rewritten: true });
    sight('www.bing.com', ['192.0.2.4']);
    expect(openTo(an)).toEqual({ '192.0.2.3': 'www.bing.com*' });
    expect(openTo(binh)).toEqual({ '192.0.2.4': 'www.bing.com' });
  });

  it('that is for one thing opens that to everybody', () => {
    sight('e5.o.lencr.org', ['192.0.2.5', '2001:db8::5']);
    expect([...study.openings().narrow]).toEqual([
      ['192.0.2.5 tcp 80', 'e5.o.lencr.org'],
      ['2001:db8::5 tcp 80', 'e5.o.lencr.org'],
    ]);
    expect(openTo(an)).toEqual({});
  });

  it('is of no interest where it is of another name', () => {
    expect(sight('tiktok.com', ['192.0.2.1'])).toBe(false);
    expect(study.openings().open.size).toBe(0);
  });
});

it.each([
  [60, 6],
  [10 * 3600, 10],
  [100 * 3600, 24],
])('an address with a TTL of %i s is believed in for %i hours after it was seen last', (ttl, hours) => {
  sight('hocmai.vn', ['192.0.2.1'], { ttl });
  now = HOUR;
  sight('hocmai.vn', ['192.0.2.1'], { ttl });
  now = (hours + 1) * HOUR - 1;
  study.expire();
  expect(openTo(an)).toHaveProperty(['192.0.2.1']);
  now++;
  study.expire();
  expect(openTo(an)).toEqual({});
});

it('tells of what opens or closes, and of nothing else', () => {
  let told = 0;
  study.onChange(() => told++);
  sight('hocmai.vn', ['192.0.2.1']);
  const before = study.openings();
  sight('hocmai.vn', ['192.0.2.1']);
  study.expire();
  expect(study.openings()).toBe(before);
  expect(told).toBe(0);
  sight('hocmai.vn', ['192.0.2.2']);
  expect(told).toBe(1);
  expect(study.openings()).not.toBe(before);
});

it('forgets what another policy does not open', () => {
  sight('hocmai.vn', ['192.0.2.1']);
  sight('chess.com', ['192.0.2.1', '192.0.2.2']);
  study.follow(household({ children: { an: {}, binh: {} }, learningNames: ['hocmai.vn'] }).policy);
  expect(openTo(an)).toEqual({ '192.0.2.1': 'hocmai.vn' });
  expect(openTo(binh)).toEqual({ '192.0.2.1': 'hocmai.vn' });
  study.follow(policy);
  expect(openTo(binh)).toEqual({ '192.0.2.1': 'hocmai.vn' });
});

it('goes on from what a former run left, where the policy opens it', () => {
  study.adopt([
    { address: '192.0.2.1', text: 'hocmai.vn', left: HOUR },
    { address: '192.0.2.2', text: 'www.bing.com*', left: HOUR },
    { address: '192.0.2.3', text: 'tiktok.com', left: HOUR },
    { address: '192.0.2.4', text: '', left: HOUR },
  ]);
  expect(openTo(an)).toEqual({ '192.0.2.1': 'hocmai.vn', '192.0.2.2': 'www.bing.com*' });
  now = HOUR;
  study.expire();
  expect(openTo(an)).toEqual({});
});

it('holds so many addresses of a name, and in all; those that were seen last', () => {
  const some = (block: number) => Array.from({ length: 250 }, (_, n) => `198.${block}.${n}.1`);
  for (const block of [18, 19]) sight('hocmai.vn', some(block));
  expect(Object.keys(openTo(an))).toHaveLength(300);
  expect(openTo(an)).toHaveProperty(['198.19.249.1']);
  expect(openTo(an)).not.toHaveProperty(['198.18.0.1']);
  const names = Array.from({ length: 20 }, (_, n) => `s${n}.vn`);
  study.follow({ ...policy, learningNames: names });
  for (const [index, name] of names.entries()) sight(name, some(20 + index));
  expect(Object.keys(openTo(an))).toHaveLength(MAX_STUDY_ADDRESSES);
  expect(openTo(an)).toHaveProperty(['198.39.249.1']);
});

import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_ADDRESSES, ServiceRegistry } from './service-registry.ts';

const HOUR = 3600_000;
const tablet = '02:00:00:00:00:01';
const tracked = {
  tiktok: ['tiktok.com'],
  facebook: ['facebook.com', 'fbcdn.net'],
  garena: ['garena.com'],
  'free-fire': ['ff.garena.com'],
};

let now: number;
let registry: ServiceRegistry;
let changes: number;

beforeEach(() => {
  now = 0;
  registry = new ServiceRegistry(() => now);
  registry.track(new Map(Object.entries(tracked)));
  changes = 0;
  registry.onChange(() => changes++);
});

const see = (use: string, address: string, ttl = 60, front = false) =>
  registry.sighted(use, { addresses: [address], ttl, front });
const known = () => Object.fromEntries(registry.addresses());

describe('a name', () => {
  it.each([
    ['tiktok.com', 'tiktok'],
    ['www.tiktok.com', 'tiktok'],
    ['a.b.fbcdn.net', 'facebook'],
    ['ff.garena.com', 'free-fire+garena'],
    ['www.garena.com', 'garena'],
    ['xtiktok.com', undefined],
    ['com', undefined],
    ['', undefined],
  ])('%s is of %s', (name, use) => {
    expect(registry.useOf(name)).toBe(use);
  });
});

describe('an address', () => {
  it('has all uses that were seen, and tells when they change', () => {
    see('tiktok', '192.0.2.1');
    expect(known()).toEqual({ '192.0.2.1': 'tiktok' });
    expect(changes).toBe(1);
    see('tiktok', '192.0.2.1');
    const before = registry.addresses();
    see('tiktok', '192.0.2.1');
    expect(registry.addresses()).toBe(before);
    see('facebook', '192.0.2.1');
    expect(known()).toEqual({ '192.0.2.1': 'facebook,tiktok' });
    expect(changes).toBe(2);
  });

  it('is forgotten an hour after it was seen, later where it is to be kept longer, but not much', () => {
    see('tiktok', '192.0.2.1', 0);
    see('tiktok', '192.0.2.2', 1000);
    see('tiktok', '192.0.2.3', 2 ** 31);
    const at = (time: number) => {
      now = time;
      registry.expire();
      return Object.keys(known()).length;
    };
    expect([HOUR - 1, HOUR, 9_999_999, 10_000_000, 6 * HOUR - 1, 6 * HOUR].map(at)).toEqual([
      3, 2, 2, 1, 1, 0,
    ]);
  });

  it('goes with its service, and keeps its other uses', () => {
    see('tiktok', '192.0.2.1');
    see('tiktok', '192.0.2.2');
    see('facebook', '192.0.2.2');
    see('free-fire+garena', '192.0.2.3');
    registry.track(new Map([['facebook', ['facebook.com']]]));
    expect(known()).toEqual({ '192.0.2.2': 'facebook' });
    expect(registry.useOf('tiktok.com')).toBeUndefined();
  });

  it('is shared where a front answered, while that is believed', () => {
    see('tiktok', '192.0.2.1', 60, true);
    now = HOUR / 2;
    see('tiktok', '192.0.2.1');
    expect(known()).toEqual({ '192.0.2.1': 'tiktok*' });
    now = HOUR;
    registry.expire();
    expect(known()).toEqual({ '192.0.2.1': 'tiktok' });
  });

  it('is shared where what must stay reachable is, whichever was seen first', () => {
    registry.protect(['192.0.2.1', '192.0.2.9'], 60);
    see('tiktok', '192.0.2.1');
    see('tiktok', '192.0.2.2');
    registry.protect(['192.0.2.2'], 60);
    expect(known()).toEqual({ '192.0.2.1': 'tiktok*', '192.0.2.2': 'tiktok*' });
    now = HOUR / 2;
    see('tiktok', '192.0.2.1');
    now = HOUR;
    registry.expire();
    expect(known()).toEqual({ '192.0.2.1': 'tiktok' });
  });

  it('is shared where four are, and has no more than these', () => {
    registry.track(new Map(['a', 'b', 'c', 'd', 'e'].map((id) => [id, [`${id}.vn`]])));
    for (const use of ['a', 'b', 'c']) see(use, '192.0.2.1');
    expect(known()).toEqual({ '192.0.2.1': 'a,b,c' });
    now = 1;
    see('d', '192.0.2.1');
    expect(known()).toEqual({ '192.0.2.1': 'a,b,c,d*' });
    now = 2;
    see('e', '192.0.2.1');
    expect(known()['192.0.2.1']?.split(',')).toHaveLength(4);
  });

  it('that was left is taken up until it is seen or an hour is over, if its service is tracked', () => {
    registry.adopt([
      { address: '192.0.2.1', class: 'facebook,tiktok', left: 5 * HOUR },
      { address: '192.0.2.2', class: 'tiktok*', left: 1000 },
      { address: '192.0.2.3', class: 'roblox', left: HOUR },
      { address: '192.0.2.4', class: '', left: HOUR },
    ]);
    expect(known()).toEqual({ '192.0.2.1': 'facebook,tiktok', '192.0.2.2': 'tiktok*' });
    now = 1000;
    registry.expire();
    expect(known()).toEqual({ '192.0.2.1': 'facebook,tiktok' });
    now = HOUR;
    registry.expire();
    expect(known()).toEqual({});
  });
});

it('holds a bounded number of addresses, the latest seen', () => {
  const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  for (let index = 0; index < 500; index++) see('tiktok', address(index));
  expect(registry.addresses().size).toBe(400);
  expect(registry.addresses().has(address(99))).toBe(false);
  expect(registry.addresses().has(address(100))).toBe(true);
  const services = Array.from({ length: 20 }, (_, index) => `s${index}`);
  registry.track(new Map(services.map((id) => [id, [`${id}.vn`]])));
  for (let index = 0; index < 8000; index++) see(`s${index % 20}`, address(index));
  expect(registry.addresses().size).toBe(MAX_ADDRESSES);
});

describe('traffic with an address', () => {
  beforeEach(() => {
    see('tiktok', '192.0.2.1');
    see('facebook', '192.0.2.2');
    see('tiktok', '192.0.2.2');
    see('tiktok', '192.0.2.3', 60, true);
    see('free-fire+garena', '192.0.2.4');
  });

  it('is of the only service there', () => {
    expect(registry.servicesOf(tablet, '192.0.2.1')).toEqual(['tiktok']);
    expect(registry.servicesOf(tablet, '192.0.2.4')).toEqual(['free-fire', 'garena']);
    expect(registry.servicesOf(tablet, '192.0.2.99')).toEqual([]);
  });

  it('that others use is of what the device asked for by name, for an hour', () => {
    expect(registry.servicesOf(tablet, '192.0.2.2')).toEqual([]);
    expect(registry.servicesOf(tablet, '192.0.2.3')).toEqual([]);
    registry.asked(tablet, 'tiktok');
    expect(registry.servicesOf(tablet, '192.0.2.2')).toEqual(['tiktok']);
    expect(registry.servicesOf(tablet, '192.0.2.3')).toEqual(['tiktok']);
    expect(registry.servicesOf('02:00:00:00:00:02', '192.0.2.2')).toEqual([]);
    registry.asked(tablet, 'facebook');
    expect(registry.servicesOf(tablet, '192.0.2.2')).toEqual(['facebook', 'tiktok']);
    now = HOUR;
    expect(registry.servicesOf(tablet, '192.0.2.2')).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { Handshakes } from './handshakes.ts';

const limits = { pending: 2, failures: { burst: 3, perSecond: 1 } };

test('an address has so many connections under way, and those of routers cost nothing', () => {
  const handshakes = new Handshakes(limits, []);
  expect([1, 2, 3].map(() => handshakes.enter('192.0.2.1', 0))).toEqual([true, true, false]);
  expect(handshakes.enter('192.0.2.2', 0)).toBe(true);
  handshakes.leave('192.0.2.1', 'router', 0);
  for (let i = 0; i < 1000; i += 1) {
    expect(handshakes.enter('192.0.2.1', 0)).toBe(true);
    handshakes.leave('192.0.2.1', 'router', 0);
  }
});

test('an address whose connections come to nothing is refused until time has passed', () => {
  const handshakes = new Handshakes(limits, []);
  for (let i = 0; i < 4; i += 1) {
    expect(handshakes.enter('192.0.2.1', 0)).toBe(true);
    handshakes.leave('192.0.2.1', 'failed', 0);
  }
  expect(handshakes.enter('192.0.2.1', 500)).toBe(false);
  expect(handshakes.enter('192.0.2.1', 1000)).toBe(true);
});

test('who is excused is charged where others of its address came to nothing', () => {
  const handshakes = new Handshakes({ pending: 100, failures: { burst: 3, perSecond: 1 } }, []);
  for (let i = 0; i < 100; i += 1) expect(handshakes.enter('192.0.2.1', 0)).toBe(true);
  for (let i = 0; i < 50; i += 1) handshakes.leave('192.0.2.1', 'excused', 0);
  expect(handshakes.enter('192.0.2.1', 0)).toBe(true);
  for (let i = 0; i < 4; i += 1) handshakes.leave('192.0.2.1', 'failed', 0);
  for (let i = 0; i < 9; i += 1) handshakes.leave('192.0.2.1', 'excused', 0);
  expect(handshakes.enter('192.0.2.1', 9_999)).toBe(false);
  expect(handshakes.enter('192.0.2.1', 10_000)).toBe(true);
});

test('of IPv6 the network is one source', () => {
  const handshakes = new Handshakes(limits, []);
  expect(handshakes.enter('2001:db8:1:2::1', 0)).toBe(true);
  expect(handshakes.enter('2001:db8:1:2:9:9:9:9', 0)).toBe(true);
  expect(handshakes.enter('2001:db8:1:2::3', 0)).toBe(false);
  expect(handshakes.enter('2001:db8:1:3::1', 0)).toBe(true);
});

test('load balancers are exempt', () => {
  const handshakes = new Handshakes(limits, ['192.0.2.0/24', '2001:db8::7']);
  for (const address of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::7']) {
    expect(handshakes.isExempt(address)).toBe(true);
  }
  for (const address of ['192.0.3.9', '::ffff:192.0.3.9', '2001:db8::8', '']) {
    expect(handshakes.isExempt(address)).toBe(false);
  }
});

test('addresses are forgotten', () => {
  const handshakes = new Handshakes(limits, []);
  for (let i = 0; i < 1000; i += 1) {
    handshakes.enter(`192.0.2.${i}`, 0);
    handshakes.leave(`192.0.2.${i}`, 'failed', 0);
  }
  handshakes.enter('198.51.100.1', 100_000);
  expect(handshakes.size).toBe(1);
});

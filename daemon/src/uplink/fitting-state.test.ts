import { type State, stateSchema } from '@khien/shared/topic';
import { describe, expect, it } from 'vitest';
import { fittingState } from './fitting-state.ts';

const state = (devices: number, addresses: number, hostname = 'x'.repeat(63)): State => ({
  at: 0,
  timeSource: 'ntp',
  daemon: '0.1.0',
  inForce: { policy: 1, contacts: 1, lists: 1 },
  enforcement: 'enforcing',
  devices: Array.from({ length: devices }, (_, n) => ({
    mac: `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`,
    hostname,
    addresses: Array.from({ length: addresses }, (_, at) => `192.0.2.${at}`),
    present: n % 2 === 1,
    lastSeenAt: n,
    fingerprint: null,
  })),
  usage: [],
  lists: null,
});
const fitted = (whole: State, limit: number) => {
  const text = fittingState(whole, limit);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
  return stateSchema.parse(JSON.parse(text)).devices;
};

describe('a state that must fit', () => {
  it('is told whole where it does', () => {
    const whole = state(20, 3);
    expect(fitted(whole, JSON.stringify(whole).length)).toEqual(whole.devices);
  });

  it('loses addresses of devices that are away first', () => {
    const whole = state(20, 3);
    const devices = fitted(whole, JSON.stringify(whole).length - 1);
    expect(devices.map(({ addresses }) => addresses.length)).toEqual(
      whole.devices.map(({ present }) => (present ? 3 : 0)),
    );
  });

  it('loses the devices that are away, seen longest ago, before those that are there', () => {
    const devices = fitted(state(100, 3), 10_000);
    expect(devices.length).toBeGreaterThan(40);
    expect(devices[0]).toMatchObject({ present: true, lastSeenAt: 99 });
    expect(devices.filter(({ present }) => present)).toHaveLength(50);
  });

  it('counts bytes, and says at least how the router is', () => {
    expect(fitted(state(100, 3, '\ud800'.repeat(63)), 300)).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import type { DeviceView, Home } from '../api/contract.ts';
import { standingOf } from './device-standing.ts';

const device: DeviceView = {
  id: 'd',
  name: 'x',
  hostname: null,
  vendor: null,
  privateAddress: true,
  macs: ['02:00:00:00:00:01'],
  addresses: [],
  profile: null,
  pause: null,
  known: false,
  present: true,
  firstSeenAt: 0,
  lastSeenAt: 0,
};
const proposal: Home['proposals'][number] = {
  id: 'p',
  mac: '02:00:00:00:00:01',
  found: 'd',
  device: 'other',
  evidence: ['hostname'],
  at: 0,
};
const standing = (
  change: Partial<DeviceView>,
  newDevices: Home['newDevices'],
  proposals = [] as Home['proposals'],
) => standingOf({ ...device, ...change }, { newDevices, proposals });

test('a device is a child’s, known, taken for another, new, or kept out', () => {
  expect(standing({ profile: 'an' }, 'quarantine')).toBe('child');
  expect(standing({ known: true }, 'quarantine', [proposal])).toBe('known');
  expect(standing({}, 'quarantine', [proposal])).toBe('proposed');
  expect(standing({}, 'quarantine', [{ ...proposal, found: null }])).toBe('quarantined');
  expect(standing({}, 'ask')).toBe('new');
  expect(standing({}, 'allow')).toBe('new');
});

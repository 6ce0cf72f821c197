import type { DeviceView, Home } from '../api/contract.ts';

/**
 * What is so of a device: a child's; known, so left alone; taken for a child's and to be confirmed; or new, and then let in or
 * kept out as the household wishes.
 */
export type DeviceStanding = 'child' | 'known' | 'proposed' | 'new' | 'quarantined';

type HomeOf = Pick<Home, 'newDevices' | 'proposals'>;

export function standingOf(device: DeviceView, { newDevices, proposals }: HomeOf): DeviceStanding {
  if (device.profile !== null) return 'child';
  if (device.known) return 'known';
  if (proposals.some(({ found }) => found === device.id)) return 'proposed';
  return newDevices === 'quarantine' ? 'quarantined' : 'new';
}

import type { LanDevice, State } from '@khien/shared/topic';

/** What is left out of a state that is too large, one after the other; the last stands for as many devices as fit. */
const reductions: readonly ((devices: readonly LanDevice[]) => LanDevice[])[] = [
  (devices) => [...devices],
  (devices) => devices.map((device) => (device.present ? device : { ...device, addresses: [] })),
  (devices) => devices.map((device) => ({ ...device, addresses: device.addresses.slice(0, 2) })),
  (devices) => devices.map((device) => ({ ...device, addresses: [] })),
];

/**
 * The state as JSON of at most `limit` bytes. A device on the LAN may make up names and addresses without end; the cloud
 * would hang up on a larger message, again and again. Addresses go first, then the devices that were seen longest ago.
 */
export function fittingState(state: State, limit: number): string {
  let devices: LanDevice[] = [];
  for (const reduce of reductions) {
    devices = reduce(state.devices);
    const text = JSON.stringify({ ...state, devices });
    if (Buffer.byteLength(text) <= limit) return text;
  }
  devices.sort((a, b) => Number(b.present) - Number(a.present) || b.lastSeenAt - a.lastSeenAt);
  for (;;) {
    devices.length = Math.floor(devices.length * 0.9);
    const text = JSON.stringify({ ...state, devices });
    if (devices.length === 0 || Buffer.byteLength(text) <= limit) return text;
  }
}

import type { Mac } from '@khien/shared/id';
import type { LanDevice } from '@khien/shared/topic';

/** Who is on the LAN, from the kernel's neighbour table and DHCP leases. */
export interface LanDevices {
  list(): readonly LanDevice[];
  /** Which device an IPv4 or IPv6 address (text, without zone index) belongs to. */
  byAddress(address: string): Mac | undefined;
  /** The addresses a device uses now. */
  addressesOf(mac: Mac): readonly string[];
  /** Calls back after any change; the result unsubscribes. */
  onChange(listener: () => void): () => void;
}

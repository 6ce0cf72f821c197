import { lan, wanLink } from '../../home/addresses.ts';
import type { Random } from '../random.ts';
import type { Ends } from './frame-writer.ts';
import { macBytes } from './frame-writer.ts';

/** A message on its way: what is sent, and as what it may arrive. */
export interface Sent {
  readonly frames: readonly Buffer[];
  /** What the message may be when it arrives, the usual first. */
  readonly arrivesAs: readonly Buffer[];
  /** False where RFCs let the packet be dropped. */
  readonly mustArrive: boolean;
}

/** A way to send a message. Every packet is sent by the managed device, to port 53 where not said otherwise. */
export interface EnvelopeClass {
  readonly name: string;
  /** How often it is taken, beside 1. */
  readonly weight?: number;
  wrap(random: Random, message: Buffer): Sent;
}

export type Version = 4 | 6;

/** The managed device, as in the virtual home. */
export const deviceMac = '02:00:00:00:00:01';
const sourceMac = macBytes(deviceMac);
const destinationMac = macBytes(lan.mac);
/** What br-lan makes of its MAC (RFC 4291, appendix A). */
const linkLocal = 'fe80::9683:c4ff:fe00:5001';

/** Whom packets are from: addresses that nobody has, so that nobody answers what comes back. */
export const sources = {
  4: ['192.168.50.250', '192.168.50.251'],
  6: ['fd50::f00d', '2001:db8:50::f00d'],
} as const;
export const routerAddresses = {
  4: [lan.v4],
  6: [lan.ula, lan.delegated, linkLocal],
} as const;
const destinations = {
  4: [...routerAddresses[4], lan.v4, '8.8.8.8', '8.8.8.8', '1.1.1.1', wanLink.router.v4, wanLink.internet.v4],
  6: [...routerAddresses[6], lan.ula, '2001:4860:4860::8888', '2606:4700:4700::1111', wanLink.router.v6],
} as const;

/** From the device to the router or a resolver elsewhere. */
export function ends(random: Random, version: Version): Ends {
  return {
    sourceMac,
    destinationMac,
    source: random.pick(sources[version]),
    destination: random.pick(destinations[version]),
  };
}

export function anyVersion(random: Random): Version {
  return random.chance(0.5) ? 4 : 6;
}

/** Mostly of a few thousand, so that the connections that the kernel remembers are met again. */
export function sourcePort(random: Random): number {
  return random.chance(0.8)
    ? random.between(40_000, 43_999)
    : random.pick([1, 53, 67, 853, 1023, 5353, 5453, 65_535]);
}

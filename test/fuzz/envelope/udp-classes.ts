import type { Random } from '../random.ts';
import {
  anyVersion,
  type EnvelopeClass,
  ends,
  type Sent,
  sourcePort,
  type Version,
} from './envelope-class.ts';
import { frame, type UdpFields, udp } from './frame-writer.ts';

/** One packet each, with what is special about UDP. */
export const udpClasses: readonly EnvelopeClass[] = [
  { name: 'IPv4', weight: 24, wrap: (random, message) => packet(random, 4, message) },
  { name: 'IPv6', weight: 24, wrap: (random, message) => packet(random, 6, message) },
  {
    name: 'one socket, IPv4',
    weight: 6,
    wrap: (random, message) => packet(random, 4, message, { sourcePort: 45_678 }),
  },
  {
    name: 'one socket, IPv6',
    weight: 6,
    wrap: (random, message) => packet(random, 6, message, { sourcePort: 45_678 }),
  },
  {
    name: 'UDP checksum 0, IPv4',
    weight: 2,
    wrap: (random, message) => packet(random, 4, message, { checksum: 'none' }),
  },
  {
    // RFC 8200 §8.1: a receiver discards it.
    name: 'UDP checksum 0, IPv6',
    wrap: (random, message) => mayBeDropped(packet(random, 6, message, { checksum: 'none' })),
  },
  {
    name: 'UDP checksum wrong',
    wrap: (random, message) =>
      mayBeDropped(packet(random, anyVersion(random), message, { checksum: 'wrong' })),
  },
  {
    name: 'UDP length shorter',
    weight: 2,
    wrap(random, message) {
      const kept = random.between(0, message.length);
      const version = anyVersion(random);
      // Connection tracking takes the checksum over all of the packet, and does not redirect what it finds wrong.
      const { length, checksum } = {
        length: 8 + kept,
        checksum: version === 4 ? 'none' : undefined,
      } as const;
      const sent = packet(
        random,
        version,
        message,
        checksum === undefined ? { length } : { length, checksum },
      );
      return { ...sent, arrivesAs: [message.subarray(0, kept)], mustArrive: version === 4 };
    },
  },
  {
    name: 'UDP length impossible',
    wrap(random, message) {
      const length = random.chance(0.5) ? random.between(0, 7) : 8 + message.length + random.between(1, 600);
      return mayBeDropped(packet(random, anyVersion(random), message, { length }));
    },
  },
  {
    name: 'source port 0',
    wrap: (random, message) => mayBeDropped(packet(random, anyVersion(random), message, { sourcePort: 0 })),
  },
];

export function packet(
  random: Random,
  version: Version,
  message: Buffer,
  fields: Partial<UdpFields> = {},
): Sent {
  const way = ends(random, version);
  const transport = udp(way, { sourcePort: sourcePort(random), destinationPort: 53, ...fields }, message);
  return { frames: [frame(way, {}, transport)], arrivesAs: [message], mustArrive: true };
}

export function mayBeDropped(sent: Sent): Sent {
  return { ...sent, mustArrive: false };
}

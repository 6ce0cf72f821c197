import { lan } from '../../home/addresses.ts';
import type { Random } from '../random.ts';
import {
  anyVersion,
  type EnvelopeClass,
  ends,
  routerAddresses,
  type Sent,
  sourcePort,
  type Version,
} from './envelope-class.ts';
import { type Ends, type Extension, frame, type IpFields, macBytes, PROTOCOL, udp } from './frame-writer.ts';
import { mayBeDropped } from './udp-classes.ts';

const BROADCAST_MAC = macBytes('ff:ff:ff:ff:ff:ff');

/** One packet each, with what is special about IP. */
export const ipClasses: readonly EnvelopeClass[] = [
  {
    name: 'TTL and traffic class',
    weight: 2,
    wrap: (random, message) =>
      wrapped(random, anyVersion(random), message, {
        timeToLive: random.pick([1, 2, 64, 255]),
        trafficClass: random.between(0, 255),
        flowLabel: random.between(0, 0xfffff),
        flagsAndOffset: random.pick([0, 0x4000, 0x8000]),
      }),
  },
  {
    name: 'Ethernet padding',
    wrap: (random, message) =>
      wrapped(random, anyVersion(random), message, { padding: random.bytes(random.between(1, 60)) }),
  },
  {
    name: 'IPv4 options',
    weight: 2,
    wrap: (random, message) => wrapped(random, 4, message, { options: options(random) }),
  },
  {
    name: 'IPv4 options, refusable',
    wrap: (random, message) =>
      mayBeDropped(wrapped(random, 4, message, { options: refusableOptions(random) })),
  },
  {
    name: 'IPv4 header checksum wrong',
    wrap: (random, message) => mayBeDropped(wrapped(random, 4, message, { badChecksum: true })),
  },
  {
    name: 'IPv6 extension headers',
    weight: 3,
    wrap: (random, message) => wrapped(random, 6, message, { extensions: extensions(random) }),
  },
  {
    name: 'IPv6 extension headers, refusable',
    wrap: (random, message) =>
      mayBeDropped(wrapped(random, 6, message, { extensions: refusableExtensions(random) })),
  },
  {
    name: 'IPv6 atomic fragment',
    wrap(random, message) {
      const atomic = {
        protocol: PROTOCOL.fragment,
        bytes: Buffer.concat([Buffer.alloc(4), random.bytes(4)]),
      };
      const before = random.chance(0.3) ? extensions(random) : [];
      return wrapped(random, 6, message, { extensions: [...before, atomic] });
    },
  },
  {
    // A tag of VLAN 0 says the priority of a frame that is in none.
    name: 'priority tag',
    wrap: (random, message) =>
      wrapped(random, anyVersion(random), message, { tags: [random.between(0, 7) << 13] }),
  },
  {
    name: 'VLAN tags',
    wrap: (random, message) =>
      mayBeDropped(wrapped(random, anyVersion(random), message, { tags: vlanTags(random) })),
  },
  { name: 'broadcast', wrap: (random, message) => mayBeDropped(broadcast(random, message)) },
  { name: 'multicast', wrap: (random, message) => mayBeDropped(multicast(random, message)) },
  {
    name: 'unicast in a broadcast frame',
    wrap: (random, message) =>
      mayBeDropped(wrapped(random, anyVersion(random), message, {}, { destinationMac: BROADCAST_MAC })),
  },
  { name: 'odd source address', wrap: (random, message) => mayBeDropped(oddSource(random, message)) },
];

function wrapped(
  random: Random,
  version: Version,
  message: Buffer,
  fields: IpFields,
  otherEnds: Partial<Ends> = {},
): Sent {
  const way = { ...ends(random, version), ...otherEnds };
  const transport = udp(way, { sourcePort: sourcePort(random), destinationPort: 53 }, message);
  return { frames: [frame(way, fields, transport)], arrivesAs: [message], mustArrive: true };
}

/** No operation, record route, timestamp, router alert (RFC 791 §3.1, RFC 2113), padded to four bytes. */
function options(random: Random): Buffer {
  const one = random.pick(['01010101', '0707040000000000', '440c0500000000000000000000', '94040000', '01']);
  const bytes = Buffer.from(one.slice(0, one.length & ~1), 'hex');
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** Source routes, and bytes that are no option. */
function refusableOptions(random: Random): Buffer {
  return random.pick([
    () => Buffer.from('830b04c0a83201080808080000'.slice(0, 24), 'hex'),
    () => Buffer.from('890b04c0a83201080808080000'.slice(0, 24), 'hex'),
    () => random.bytes(4 * random.between(1, 10)),
  ])();
}

/** Of VLANs that the router has no interface for, and one behind another. */
function vlanTags(random: Random): number[] {
  const tag = () => (random.between(0, 7) << 13) | random.pick([0, 1, 2, 100, 4094, 4095]);
  return random.pick([() => [random.pick([1, 2, 100, 4095])], () => [tag(), tag()], () => [0, 0]])();
}

/** Hop-by-hop options and destination options that a receiver passes over (RFC 8200 §4.2, §4.3, §4.6). */
function extensions(random: Random): Extension[] {
  const hop = { protocol: PROTOCOL.hopByHop, bytes: padded(random) };
  const destination = { protocol: PROTOCOL.destination, bytes: padded(random) };
  return random.pick([[hop], [destination], [hop, destination], [destination, destination]]);
}

/** Padding, of which Linux takes 7 bytes in a row at most, and perhaps an option that whoever does not know it skips. */
function padded(random: Random): Buffer {
  const padding = [0, 0, 1, 4, 0, 0, 0, 0];
  return random.chance(0.7)
    ? Buffer.from(padding)
    : Buffer.from([0, 1, ...padding.slice(2), 0x1e, 6, ...random.bytes(6)]);
}

function refusableExtensions(random: Random): Extension[] {
  const destination = { protocol: PROTOCOL.destination, bytes: padded(random) };
  const hop = { protocol: PROTOCOL.hopByHop, bytes: padded(random) };
  const routing = (type: number, left: number) => ({
    protocol: PROTOCOL.routing,
    bytes: Buffer.concat([Buffer.of(0, 2, type, left, 0, 0, 0, 0), random.bytes(16)]),
  });
  const unknownOption = {
    protocol: PROTOCOL.destination,
    bytes: Buffer.from([0, 0, random.between(2, 255), 4, 0, 0, 0, 0]),
  };
  return random.pick([
    [destination, hop],
    [routing(0, 0)],
    [routing(0, 1)],
    [routing(2, 1)],
    [routing(4, 0)],
    [routing(random.between(0, 255), random.between(0, 3)), destination],
    [unknownOption],
    Array<Extension>(random.between(3, 9)).fill(destination),
  ]);
}

function broadcast(random: Random, message: Buffer): Sent {
  const destination = random.pick(['255.255.255.255', '192.168.50.255', '192.168.50.0']);
  return wrapped(random, 4, message, {}, { destination, destinationMac: BROADCAST_MAC });
}

function multicast(random: Random, message: Buffer): Sent {
  const version = anyVersion(random);
  const destination = random.pick(
    version === 4 ? ['224.0.0.1', '224.0.0.251'] : ['ff02::1', 'ff02::2', 'ff02::fb', 'ff05::2'],
  );
  const destinationMac = version === 4 ? macBytes('01:00:5e:00:00:01') : macBytes('33:33:00:00:00:01');
  return wrapped(random, version, message, {}, { destination, destinationMac });
}

function oddSource(random: Random, message: Buffer): Sent {
  const version = anyVersion(random);
  const addresses = {
    4: ['0.0.0.0', '127.0.0.1', '255.255.255.255', '224.0.0.1', '8.8.8.8', '10.1.2.3', lan.v4],
    6: ['::', '::1', 'ff02::1', '2001:4860:4860::8888', 'fe80::1234', ...routerAddresses[6]],
  } as const;
  return wrapped(random, version, message, {}, { source: random.pick(addresses[version]) });
}

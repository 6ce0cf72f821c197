import type { Random } from '../random.ts';
import {
  anyVersion,
  type EnvelopeClass,
  ends,
  type Sent,
  sourcePort,
  type Version,
} from './envelope-class.ts';
import { type Ends, type Extension, frame, PROTOCOL, udp } from './frame-writer.ts';

/** A part of what `udp` wrote, at its offset there. */
interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
  readonly more: boolean;
}

const UNIT = 8;
const MORE = 0x2000;

/** Messages in fragments (RFC 791 §3.2, RFC 8200 §4.5), the first often too short for the name. */
export const fragmentClasses: readonly EnvelopeClass[] = [
  {
    name: 'fragments',
    weight: 2,
    wrap: (random, message) => fragmented(random, message, (pieces) => pieces),
  },
  {
    name: 'fragments, any order',
    weight: 2,
    wrap: (random, message) => fragmented(random, message, (pieces) => shuffled(random, pieces)),
  },
  {
    name: 'fragments, overlapping',
    // RFC 5722 and Linux: dropped, with all of the datagram.
    wrap: (random, message) => overlapping(random, message),
  },
  {
    // RFC 8200 §4.5: what has not all headers in its first fragment may be dropped.
    name: 'fragments, headers apart',
    wrap(random, message) {
      const way = ends(random, 6);
      const options = Buffer.from([PROTOCOL.udp, 0, 1, 4, 0, 0, 0, 0]);
      const fields = { sourcePort: sourcePort(random), destinationPort: 53 };
      const pieces = cut(random, Buffer.concat([options, udp(way, fields, message)]));
      const frames = wrapAll(random, way, 6, pieces, PROTOCOL.destination);
      return { frames, arrivesAs: [message], mustArrive: false };
    },
  },
  {
    name: 'fragments, one twice',
    wrap(random, message) {
      const sent = fragmented(random, message, (pieces) => [...pieces, random.pick(pieces)]);
      return { ...sent, mustArrive: false };
    },
  },
  {
    name: 'fragments, one missing',
    wrap(random, message) {
      const sent = fragmented(random, message, (pieces) => {
        const lost = random.between(0, pieces.length - 1);
        return pieces.length < 2 ? [] : pieces.filter((_, index) => index !== lost);
      });
      return { ...sent, mustArrive: false };
    },
  },
];

function fragmented(
  random: Random,
  message: Buffer,
  arranged: (pieces: readonly Piece[]) => readonly Piece[],
): Sent {
  const version = anyVersion(random);
  const way = ends(random, version);
  const whole = udp(way, { sourcePort: sourcePort(random), destinationPort: 53 }, message);
  const frames = wrapAll(random, way, version, arranged(cut(random, whole)));
  return { frames, arrivesAs: [message], mustArrive: true };
}

/** Two readings of the same bytes: the message, and one with another middle. */
function overlapping(random: Random, message: Buffer): Sent {
  const version = anyVersion(random);
  const way = ends(random, version);
  const fields = { sourcePort: sourcePort(random), destinationPort: 53 };
  const other = Buffer.from(message);
  for (let at = 12; at < Math.min(other.length - 4, 24); at++) other[at] = random.between(0x61, 0x7a);
  const pieces = cut(random, udp(way, fields, message));
  const again = cut(random, udp(way, fields, other));
  const frames = wrapAll(random, way, version, shuffled(random, [...pieces, random.pick(again)]));
  return { frames, arrivesAs: [message, other], mustArrive: false };
}

/** In pieces of some units each, the last of what is left. */
function cut(random: Random, whole: Buffer): Piece[] {
  const pieces: Piece[] = [];
  for (let offset = 0; offset < whole.length; ) {
    const end = offset + UNIT * random.pick([1, 1, 2, 3, 5]);
    pieces.push({ offset, bytes: whole.subarray(offset, end), more: end < whole.length });
    offset = end;
  }
  return pieces;
}

function wrapAll(
  random: Random,
  way: Ends,
  version: Version,
  pieces: readonly Piece[],
  next: number = PROTOCOL.udp,
): Buffer[] {
  const id = random.u32();
  return pieces.map(({ offset, bytes, more }) => {
    if (version === 4) {
      return frame(way, { id: id & 0xffff, flagsAndOffset: (more ? MORE : 0) | (offset / UNIT) }, bytes);
    }
    const header: Extension = { protocol: PROTOCOL.fragment, bytes: Buffer.alloc(8), next };
    header.bytes.writeUInt16BE(offset | (more ? 1 : 0), 2);
    header.bytes.writeUInt32BE(id, 4);
    return frame(way, { extensions: [header] }, bytes);
  });
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = random.between(0, at);
    const [a, b] = [order[at], order[other]];
    if (a === undefined || b === undefined) continue;
    order[at] = b;
    order[other] = a;
  }
  return order;
}

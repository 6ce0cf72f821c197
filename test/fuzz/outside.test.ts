import { expect, test } from 'vitest';
import { ends } from './envelope/envelope-class.ts';
import { type Extension, frame, PROTOCOL, udp } from './envelope/frame-writer.ts';
import { carriesTransport } from './outside.ts';
import { Random } from './random.ts';

const way = { 4: ends(new Random(1), 4), 6: ends(new Random(1), 6) };
const datagram = (version: 4 | 6) =>
  udp(way[version], { sourcePort: 1, destinationPort: 53 }, Buffer.from('abc'));
const nothing = Buffer.alloc(0);
const options: Extension = { protocol: PROTOCOL.destination, bytes: Buffer.from([0, 0, 1, 4, 0, 0, 0, 0]) };
const fragment = (offset: number): Extension => ({
  protocol: PROTOCOL.fragment,
  bytes: Buffer.from([0, 0, offset >> 8, offset & 0xff, 0, 0, 0, 1]),
});

test.each([
  ['UDP over IPv4', true, frame(way[4], {}, datagram(4))],
  ['UDP over IPv6', true, frame(way[6], {}, datagram(6))],
  ['UDP behind extension headers', true, frame(way[6], { extensions: [options, fragment(1)] }, datagram(6))],
  ['a later fragment', true, frame(way[6], { extensions: [fragment(9)] }, Buffer.from('a'))],
  [
    'a first fragment that ends in its headers',
    false,
    frame(way[6], { extensions: [fragment(1), options] }, nothing),
  ],
  [
    'that, padded by Ethernet',
    false,
    frame(way[6], { extensions: [fragment(1), options], padding: Buffer.alloc(9) }, nothing),
  ],
])('%s: %s', (_, expected, bytes) => {
  expect(carriesTransport(bytes)).toBe(expected);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchingEntry } from '../conntrack/dump.ts';
import { AttributeWriter } from '../netlink/attribute-writer.ts';
import { NetlinkError } from '../netlink/error.ts';
import { parseInterfaceAddress } from '../rtnetlink/interface-address.ts';
import { parseLink } from '../rtnetlink/link.ts';
import { parseNeighbour } from '../rtnetlink/neighbour.ts';
import { parseChain } from './chain.ts';
import { parseElements } from './element.ts';
import { parseGeneration } from './generation.ts';
import { parseRule } from './rule.ts';
import { parseSet } from './set.ts';
import { parseTable } from './table.ts';

const parsers: Record<string, (payload: Buffer) => unknown> = {
  parseTable,
  parseChain,
  parseRule,
  parseSet,
  parseElements,
  parseGeneration,
  parseNeighbour,
  parseLink,
  parseInterfaceAddress,
  matchingEntry: (payload) => matchingEntry(payload, () => true),
};

/** Attributes of small types with any content, nested to some depth: what reaches deep into a parser. */
const { attributes } = fc.letrec<{ attributes: Buffer; value: Buffer }>((tie) => ({
  attributes: fc
    .array(fc.tuple(fc.integer({ min: 1, max: 13 }), tie('value')), { maxLength: 6 })
    .map((list) => {
      const writer = new AttributeWriter();
      for (const [type, value] of list) writer.bytes(type, value);
      return writer.written;
    }),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('counter\0', 'inet\0', 'filter\0').map((text) => Buffer.from(text)),
    tie('attributes'),
  ),
}));

const header = fc.constantFrom(
  Buffer.from([1, 0, 0, 0]),
  Buffer.from([2, 0, 0, 0, 1, 0, 0, 0]),
  Buffer.from([10, 64, 0, 0, 1, 0, 0, 0, 4, 0, 0, 1]),
  Buffer.alloc(16),
);

describe.each(Object.entries(parsers))('%s', (_, parse) => {
  const survives = (payload: Buffer) => {
    try {
      parse(payload);
    } catch (error) {
      expect(error).toBeInstanceOf(NetlinkError);
      expect(error).toMatchObject({ code: 'EBADMSG' });
    }
  };

  it('reads any bytes or refuses them with EBADMSG', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => survives(Buffer.from(bytes))),
      { numRuns: 200 },
    );
  });

  it('reads any well-formed attributes, and those cut short, or refuses them with EBADMSG', () => {
    fc.assert(
      fc.property(header, attributes, fc.nat(), (before, after, cut) => {
        const payload = Buffer.concat([before, after]);
        survives(payload);
        survives(payload.subarray(0, cut % (payload.length + 1)));
      }),
      { numRuns: 200 },
    );
  });
});

import { expect, it } from 'vitest';
import { AttributeWriter } from '../netlink/attribute-writer.ts';
import { control, flag } from '../netlink/message.ts';
import { acknowledge, encodeReply, errorReply, Recorder } from '../testing/recorder.ts';
import { Conntrack } from './conntrack.ts';

const GET = 0x0101;
const DELETE = 0x0102;

/** An entry as the kernel lists it: tuples with addresses and a protocol, id and zone. */
function entry(from: readonly number[], to: readonly number[], replyFrom = to): Buffer {
  const writer = new AttributeWriter();
  writer.reserve(4);
  writer.written[0] = 2;
  for (const [type, source, destination] of [
    [1, from, to],
    [2, replyFrom, from],
  ] as const) {
    writer.nest(type, () => {
      writer.nest(1, () => {
        writer.bytes(1, Buffer.from(source));
        writer.bytes(2, Buffer.from(destination));
      });
      writer.nest(2, () => writer.u8(1, 17));
    });
  }
  writer.u32(12, from[3] ?? 0);
  return writer.written;
}

const device = [192, 168, 1, 20];
const server = [203, 0, 113, 5];
const router = [198, 51, 100, 1];
const entries = [
  entry(device, server),
  entry([192, 168, 1, 21], server),
  // To the router's address, and by destination NAT to the device.
  entry(server, router, device),
  entry(server, router),
];

it('flushes by filter: the device’s address as source of each direction, and always a tuple', async () => {
  const recorder = new Recorder();
  expect(await new Conntrack(recorder.open).deleteAddress('192.168.1.20')).toEqual({ method: 'filter' });
  expect(recorder.messages.map(({ type, payload }) => [type, payload.toString('hex')])).toEqual([
    [DELETE, '02000000100001800c00018008000100c0a801140c0019800800010001000000'],
    [DELETE, '02000000100002800c00018008000100c0a801140c0019800800020001000000'],
  ]);
});

it.each(['EINVAL', 'EOPNOTSUPP'])(
  'lists and deletes where the kernel refuses the filter (%s)',
  async (code) => {
    const recorder = new Recorder((message) => {
      const isFlush = message.type === DELETE && !message.payload.includes(Buffer.from([8, 0, 12, 0]));
      if (isFlush) return [errorReply(message.sequence, code === 'EINVAL' ? 22 : 95)];
      if (message.type !== GET) return acknowledge(message);
      return [
        ...entries.map((bytes) => encodeReply(0x0100, message.sequence, bytes, 2)),
        encodeReply(control.done, message.sequence, Buffer.alloc(4)),
      ];
    });
    expect(await new Conntrack(recorder.open).deleteAddress('192.168.1.20')).toEqual({
      method: 'dump',
      deleted: 2,
    });
    const [, list, ...deletions] = recorder.messages;
    expect(list).toMatchObject({ type: GET, flags: flag.request | flag.dump });
    // By the whole original tuple, of 36 bytes, and the id: the first entry and the third.
    expect(deletions.map(({ payload }) => payload.subarray(4, 40))).toEqual(
      [0, 2].map((index) => entries[index]?.subarray(4, 40)),
    );
    expect(deletions.map(({ payload }) => payload.subarray(40).toString('hex'))).toEqual([
      '08000c0000000014',
      '08000c0000000005',
    ]);
  },
);

it('deletes between two sides, whichever began', async () => {
  const other = [203, 0, 113, 6];
  const listed = [
    entry(device, server),
    // Masqueraded: the answers go to the router.
    entry(device, other),
    entry([192, 168, 1, 21], server),
    // To the router's address, and by destination NAT to the device.
    entry(server, router, device),
    entry(server, router),
  ];
  const recorder = new Recorder((message) =>
    message.type === GET
      ? [
          ...listed.map((bytes) => encodeReply(0x0100, message.sequence, bytes, 2)),
          encodeReply(control.done, message.sequence, Buffer.alloc(4)),
        ]
      : acknowledge(message),
  );
  const conntrack = new Conntrack(recorder.open);
  expect(await conntrack.deleteBetween(['192.168.1.20', '2001:db8::1'], ['203.0.113.5'])).toBe(2);
  const [, ...deletions] = recorder.messages;
  expect(deletions.map(({ payload }) => payload.subarray(4, 40))).toEqual(
    [0, 3].map((index) => listed[index]?.subarray(4, 40)),
  );
  expect(await conntrack.deleteBetween(['192.168.1.20'], [])).toBe(0);
});

it('deletes what one side takes part in, but with whom is spared, whichever began', async () => {
  const other = [203, 0, 113, 6];
  const listed = [
    entry(device, server),
    entry(device, other),
    entry([192, 168, 1, 21], server),
    // To the router's address, and by destination NAT to the device.
    entry(server, router, device),
    entry(other, router, device),
    // To whom it was redirected: the router itself.
    entry(device, other, router),
  ];
  const recorder = new Recorder((message) =>
    message.type === GET
      ? [
          ...listed.map((bytes) => encodeReply(0x0100, message.sequence, bytes, 2)),
          encodeReply(control.done, message.sequence, Buffer.alloc(4)),
        ]
      : acknowledge(message),
  );
  const conntrack = new Conntrack(recorder.open);
  expect(await conntrack.deleteOthers(['192.168.1.20'], ['203.0.113.5', '2001:db8::5'])).toBe(3);
  const [, ...deletions] = recorder.messages;
  expect(deletions.map(({ payload }) => payload.subarray(4, 40))).toEqual(
    [1, 4, 5].map((index) => listed[index]?.subarray(4, 40)),
  );
  expect(await conntrack.deleteOthers([], ['203.0.113.5'])).toBe(0);
});

it('does not count what went by itself', async () => {
  const recorder = new Recorder((message) => {
    if (message.type === DELETE)
      return [errorReply(message.sequence, recorder.datagrams.length === 1 ? 22 : 2)];
    return [
      encodeReply(0x0100, message.sequence, entry(device, server), 2),
      encodeReply(control.done, message.sequence, Buffer.alloc(4)),
    ];
  });
  expect(await new Conntrack(recorder.open).deleteAddress('192.168.1.20')).toEqual({
    method: 'dump',
    deleted: 0,
  });
});

it('never flushes by filter for IPv6', async () => {
  const recorder = new Recorder();
  expect(await new Conntrack(recorder.open).deleteAddress('2001:db8::20')).toEqual({
    method: 'dump',
    deleted: 0,
  });
  expect(recorder.messages.map(({ type }) => type)).toEqual([GET]);
});

it('rejects what is not about filtering', async () => {
  const recorder = new Recorder(({ sequence }) => [errorReply(sequence, 1)]);
  await expect(new Conntrack(recorder.open).deleteAddress('192.168.1.20')).rejects.toMatchObject({
    code: 'EPERM',
  });
  expect(recorder.datagrams).toHaveLength(1);
});

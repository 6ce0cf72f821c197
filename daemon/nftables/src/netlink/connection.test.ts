import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledge, encodeReply, errorReply, Recorder } from '../testing/recorder.ts';
import { AttributeWriter } from './attribute-writer.ts';
import { NetlinkConnection, type NetlinkRequest } from './connection.ts';
import { isNetlinkError, NetlinkError } from './error.ts';
import { control, eachMessage, flag, type NetlinkMessage, writeMessage } from './message.ts';

const request: NetlinkRequest = { type: 0x0a01, describe: 'get table', body: () => undefined };
const done = (sequence: number, errno = 0, flags = 0) => {
  const payload = Buffer.alloc(4);
  payload.writeInt32LE(-errno);
  return encodeReply(control.done, sequence, payload, flags);
};
const object = (sequence: number, text: string, flags = 0) =>
  encodeReply(0x0a00, sequence, Buffer.from(text), flags);
const text = (payload: Buffer) => payload.toString();

function connected(respond?: (message: NetlinkMessage, count: number) => Buffer[]) {
  let count = 0;
  const recorder = new Recorder(respond === undefined ? undefined : (message) => respond(message, count++));
  return { recorder, connection: new NetlinkConnection(recorder.open) };
}

/** A batch of `count` messages between its ends. */
function batchOf(count: number): Buffer {
  const writer = new AttributeWriter();
  for (let index = 0; index < count + 2; index++) {
    writeMessage(
      writer,
      index === 0 ? 0x10 : index > count ? 0x11 : 0x0a00,
      index === count ? flag.ack : 0,
      () => {
        writer.reserve(4);
      },
    );
  }
  return writer.written;
}

const describeIndex = (index: number) => `message ${index}`;

describe('a request', () => {
  it('asks for an acknowledgement and resolves with the reply before it', async () => {
    const { connection, recorder } = connected(({ sequence }) => [
      object(sequence, 'answer'),
      errorReply(sequence, 0),
    ]);
    expect((await connection.request(request))?.toString()).toBe('answer');
    expect(recorder.messages[0]).toMatchObject({ type: 0x0a01, flags: flag.request | flag.ack, sequence: 1 });
  });

  it('resolves with nothing when it is only acknowledged', async () => {
    expect(await connected().connection.request(request)).toBeUndefined();
  });

  it('rejects with the kernel’s errno', async () => {
    const { connection } = connected(({ sequence }) => [errorReply(sequence, 2)]);
    await expect(connection.request(request)).rejects.toMatchObject({
      code: 'ENOENT',
      errno: 2,
      message: 'get table: ENOENT',
      failures: [{ code: 'ENOENT', errno: 2, request: 'get table' }],
    });
  });

  it('takes its turn', async () => {
    const { connection, recorder } = connected();
    await Promise.all([
      connection.request(request),
      connection.request(request),
      connection.request(request),
    ]);
    expect(recorder.messages.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(recorder.sockets).toHaveLength(1);
  });

  it('is not answered by another’s reply', async () => {
    const { connection } = connected(({ sequence }) => [
      errorReply(sequence + 1, 2),
      errorReply(0, 2),
      errorReply(sequence, 0),
    ]);
    await expect(connection.request(request)).resolves.toBeUndefined();
  });
});

describe('a batch', () => {
  it('is done when its last message is acknowledged', async () => {
    const { connection, recorder } = connected();
    await connection.batch(batchOf(3), describeIndex);
    expect(recorder.messages.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    await connection.batch(batchOf(1), describeIndex);
    expect(recorder.messages.at(-1)?.sequence).toBe(8);
  });

  it('rejects with every message that was refused', async () => {
    const { connection } = connected((message) =>
      message.sequence % 2 === 0 ? [errorReply(message.sequence, 17)] : acknowledge(message),
    );
    await expect(connection.batch(batchOf(4), describeIndex)).rejects.toMatchObject({
      code: 'EEXIST',
      message: 'message 1: EEXIST; message 3: EEXIST',
    });
  });

  it('rejects when it is given up as a whole, though its messages are never answered', async () => {
    const { connection } = connected(({ type, sequence }) =>
      type === 0x10 ? [errorReply(sequence, 1)] : [],
    );
    await expect(connection.batch(batchOf(4), describeIndex)).rejects.toMatchObject({
      code: 'EPERM',
      message: 'message 0: EPERM',
    });
  });

  it('that is too large is not sent', async () => {
    const { connection, recorder } = connected();
    recorder.sendLimit = 100;
    await expect(connection.batch(batchOf(10), describeIndex)).rejects.toMatchObject({ code: 'EMSGSIZE' });
    recorder.sendLimit = 1 << 20;
    expect(recorder.datagrams).toEqual([]);
    expect(connection.sendLimit).toBe(100);
  });
});

describe('a dump', () => {
  it('visits each message, and has a socket to itself while it runs', async () => {
    const { connection, recorder } = connected(({ sequence }) => [
      Buffer.concat([object(sequence, 'one.'), object(sequence, 'two.')]),
      object(sequence, 'three'),
      done(sequence),
    ]);
    expect(await connection.collect(request, text)).toEqual(['one.', 'two.', 'three']);
    expect(recorder.messages[0]?.flags).toBe(flag.request | flag.dump);
    await connection.collect(request, text);
    expect(recorder.sockets).toHaveLength(1);
    await Promise.all([connection.collect(request, text), connection.collect(request, text)]);
    expect(recorder.sockets).toHaveLength(2);
    await connection.collect(request, text);
    expect(recorder.sockets).toHaveLength(2);
  });

  it('leaves its socket to no other where it failed', async () => {
    let errno = 13;
    const { connection, recorder } = connected(({ sequence }) => [done(sequence, errno)]);
    await expect(connection.collect(request, text)).rejects.toMatchObject({ code: 'EACCES' });
    errno = 0;
    expect(await connection.collect(request, text)).toEqual([]);
    expect(recorder.sockets).toHaveLength(2);
  });

  it('has none left when the connection was closed meanwhile', async () => {
    const { connection } = connected();
    await connection.collect(request, text);
    connection.close();
    await expect(connection.collect(request, text)).rejects.toMatchObject({ code: 'ECANCELED' });
  });

  it('is repeated while the objects change under it, and forgets what it saw', async () => {
    const { connection, recorder } = connected(({ sequence }, attempt) => [
      object(sequence, `attempt ${attempt}`, attempt < 3 ? flag.dumpInterrupted : 0),
      done(sequence),
    ]);
    expect(await connection.collect(request, text)).toEqual(['attempt 3']);
    expect(recorder.datagrams).toHaveLength(4);
  });

  it('is repeated when its messages tell of two versions', async () => {
    const { connection } = connected(({ sequence }, attempt) => [
      object(sequence, '1:a.'),
      object(sequence, attempt === 0 ? '2:b.' : '1:b.'),
      done(sequence),
    ]);
    const versioned = { ...request, version: (payload: Buffer) => payload.readUInt8(0) };
    expect(await connection.collect(versioned, text)).toEqual(['1:a.', '1:b.']);
  });

  it('gives up after ten attempts, and at once when it cannot be repeated', async () => {
    const { connection, recorder } = connected(({ sequence }) => [done(sequence, 0, flag.dumpInterrupted)]);
    await expect(connection.collect(request, text)).rejects.toMatchObject({ code: 'EINTR' });
    expect(recorder.datagrams).toHaveLength(10);
    await expect(connection.dump(request, () => undefined)).rejects.toMatchObject({ code: 'EINTR' });
    expect(recorder.datagrams).toHaveLength(11);
  });

  it('rejects with an errno at its begin or at its end', async () => {
    const refused = connected(({ sequence }) => [errorReply(sequence, 95)]).connection;
    await expect(refused.collect(request, text)).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    const broken = connected(({ sequence }) => [object(sequence, 'one.'), done(sequence, 12)]).connection;
    await expect(broken.collect(request, text)).rejects.toMatchObject({ code: 'ENOMEM' });
  });

  it('rejects with what its visitor throws', async () => {
    const { connection } = connected(({ sequence }) => [
      object(sequence, 'bad.'),
      object(sequence, 'more'),
      done(sequence),
    ]);
    const visit = () => {
      throw new RangeError('visitor');
    };
    await expect(connection.dump(request, visit)).rejects.toThrow(RangeError);
    await expect(connection.collect(request, text)).resolves.toHaveLength(2);
  });
});

describe('a connection', () => {
  it('whose socket fails rejects what is pending and opens another', async () => {
    const { connection, recorder } = connected((message, count) => (count === 0 ? [] : acknowledge(message)));
    const pending = connection.request(request);
    await Promise.resolve();
    recorder.sockets[0]?.failed(new NetlinkError('ENOBUFS', 'lost'));
    await expect(pending).rejects.toMatchObject({ code: 'ENOBUFS' });
    await expect(connection.request(request)).resolves.toBeUndefined();
    expect(recorder.sockets).toHaveLength(2);
  });

  it('that is closed rejects what is pending and what comes after', async () => {
    const { connection, recorder } = connected(() => []);
    const pending = [
      connection.request(request),
      connection.request(request),
      connection.collect(request, text),
    ];
    await Promise.resolve();
    connection.close();
    for (const one of pending) await expect(one).rejects.toMatchObject({ code: 'ECANCELED' });
    await expect(connection.collect(request, text)).rejects.toMatchObject({ code: 'ECANCELED' });
    expect(recorder.datagrams.length).toBeLessThanOrEqual(2);
  });

  it('survives any bytes: replies are read, or what is pending is rejected', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), async (datagrams) => {
        const { connection } = connected((message) => [
          ...datagrams.map((bytes) => Buffer.from(bytes)),
          ...acknowledge(message),
        ]);
        for (const attempt of [connection.request(request), connection.collect(request, text)]) {
          const outcome: unknown = await attempt.catch((error: unknown) => error);
          if (outcome instanceof Error) expect(isNetlinkError(outcome)).toBe(true);
        }
        connection.close();
      }),
      { numRuns: 300 },
    );
  });

  it('reads mutilated replies to their end or rejects with EBADMSG', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          let total = 0;
          for (const { payload } of eachMessage(Buffer.from(bytes))) total += payload.length + 16;
          expect(total).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EBADMSG' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

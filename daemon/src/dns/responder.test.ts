import { randomInt } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { nothingUsed } from '@khien/shared/policy';
import { decode, encode, type Packet } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SystemClock } from '../clock/system-clock.ts';
import { AN, inForce } from './fixture/household.ts';
import { FakeDevices, FakeSide } from './fixture/lan.ts';
import { fakeLists } from './fixture/lists.ts';
import { Deframer, framed } from './framing.ts';
import type { BlockedHit } from './query-handler.ts';
import { Responder, type ResponderOptions } from './responder.ts';

// Somewhere else in each run: several may go on at once.
const UDP = randomInt(20_000, 30_000);
const TCP = UDP + 1;
const RESOLVER = UDP + 2;

function query(name: string, id: number): Buffer {
  return encode({ type: 'query', id, flags: 0x0100, questions: [{ type: 'A', name }] });
}

/** Says 192.0.2.9 for every name over TCP, and over UDP but for `big.…`, which is truncated, and `lost.…`, which is lost. */
class FakeResolver {
  readonly asked: string[] = [];
  readonly #udp = createSocket('udp4');
  readonly #sockets = new Set<Socket>();
  #tcp: Server | undefined;

  async start(): Promise<void> {
    this.#udp.on('message', (message, from) => {
      const name = decode(message).questions?.[0]?.name ?? '';
      this.asked.push(`udp ${name}`);
      if (name.startsWith('lost.')) return;
      this.#udp.send(this.#answer(message, name.startsWith('big.')), from.port, from.address);
    });
    this.#udp.bind(RESOLVER, '127.0.0.1');
    this.#tcp = createServer((socket) => {
      const deframer = new Deframer();
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        for (const message of deframer.push(chunk)) {
          const name = decode(message).questions?.[0]?.name ?? '';
          this.asked.push(`tcp ${name}`);
          if (!name.startsWith('lost.')) socket.write(framed(this.#answer(message, false)));
        }
      });
    });
    this.#tcp.listen(RESOLVER, '127.0.0.1');
    await Promise.all([once(this.#udp, 'listening'), once(this.#tcp, 'listening')]);
  }

  stop(): void {
    this.#udp.close();
    this.#tcp?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer(message: Buffer, truncated: boolean): Buffer {
    const { id = 0, questions = [] } = decode(message);
    return encode({
      type: 'response',
      id,
      flags: truncated ? 0x0380 : 0x0180,
      questions,
      answers: truncated ? [] : [{ type: 'A', name: questions[0]?.name ?? '', ttl: 60, data: '192.0.2.9' }],
    });
  }
}

/** One UDP client socket; answers by id. */
class Client {
  readonly #socket: UdpSocket = createSocket('udp4');
  readonly answers = new Map<number, { packet: Packet; from: string; port: number }>();

  constructor() {
    this.#socket.on('message', (message, { address, port }) => {
      const packet = decode(message);
      this.answers.set(packet.id ?? -1, { packet, from: address, port });
    });
  }

  send(message: Buffer, to = '127.0.0.1'): void {
    this.#socket.send(message, UDP, to);
  }

  async answer(id: number) {
    await until(() => this.answers.has(id));
    return this.answers.get(id);
  }

  close(): void {
    this.#socket.close();
  }
}

async function until(holds: () => boolean, milliseconds = 4000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
}

const resolver = { current: new FakeResolver() };
const devices = { current: new FakeDevices() };
const side = { current: new FakeSide([]) };
const hits: BlockedHit[] = [];
let client = new Client();
let responder: Responder;
let streams: Socket[] = [];

function makeResponder(changes: Partial<ResponderOptions> = {}): Responder {
  return new Responder({
    used: () => nothingUsed,
    clock: new SystemClock('/nonexistent'),
    log: { info: () => undefined, warn: () => undefined, error: (message) => expect.fail(message) },
    devices: devices.current,
    side: side.current,
    inForce: () => inForce(),
    lists: () => fakeLists({}),
    allowHelpAddresses: () => Promise.resolve(),
    blocked: (hit) => hits.push(hit),
    odd: () => undefined,
    answered: () => undefined,
    resolver: { address: '127.0.0.1', port: RESOLVER },
    ports: { udp: UDP, tcp: TCP },
    ...changes,
  });
}

beforeEach(async () => {
  hits.length = 0;
  resolver.current = new FakeResolver();
  devices.current = new FakeDevices({ '127.0.0.1': AN.mac, '::1': AN.mac });
  side.current = new FakeSide(['127.0.0.1', '127.0.0.2', '::1']);
  client = new Client();
  responder = makeResponder();
  await resolver.current.start();
  await responder.start();
});

afterEach(async () => {
  for (const stream of streams) stream.destroy();
  streams = [];
  client.close();
  await responder.stop();
  resolver.current.stop();
});

describe('over UDP', () => {
  test('answers from the address that was asked, one socket for many names', async () => {
    for (let id = 0; id < 60; id += 1) {
      client.send(query(id % 2 ? 'www.tiktok.com' : 'example.org', id), id % 3 ? '127.0.0.1' : '127.0.0.2');
    }
    for (let id = 0; id < 60; id += 1) {
      const answer = await client.answer(id);
      expect(answer?.from).toBe(id % 3 ? '127.0.0.1' : '127.0.0.2');
      expect(answer?.port).toBe(UDP);
      expect(answer?.packet.answers).toMatchObject([{ data: id % 2 ? '0.0.0.0' : '192.0.2.9' }]);
    }
    expect(hits).toHaveLength(30);
    expect(new Set(resolver.current.asked)).toEqual(new Set(['udp example.org']));
  });

  test('asks over IPv6 too', async () => {
    const socket = createSocket('udp6');
    socket.send(query('www.tiktok.com', 3), UDP, '::1');
    const [message] = await once(socket, 'message');
    expect(decode(message).answers).toMatchObject([{ data: '0.0.0.0' }]);
    socket.close();
  });

  test('hands a truncated answer on, to be asked again over TCP', async () => {
    client.send(query('big.example', 4));
    expect((await client.answer(4))?.packet).toMatchObject({ flag_tc: true, answers: [] });
  });

  test('waits a moment for a device that is not known yet', async () => {
    devices.current = new FakeDevices();
    await responder.stop();
    responder = makeResponder();
    await responder.start();
    client.send(query('www.tiktok.com', 5));
    setTimeout(() => devices.current.learn('127.0.0.1', AN.mac), 60);
    expect((await client.answer(5))?.packet.answers).toMatchObject([{ data: '0.0.0.0' }]);
    expect(hits).toHaveLength(1);
  });

  test('takes the strictest rules for a device that stays unknown', async () => {
    devices.current = new FakeDevices();
    await responder.stop();
    responder = makeResponder();
    await responder.start();
    client.send(query('www.youtube.com', 6));
    client.send(query('example.org', 7));
    expect((await client.answer(6))?.packet.answers).toMatchObject([{ data: '0.0.0.0' }]);
    expect((await client.answer(7))?.packet.answers).toMatchObject([{ data: '192.0.2.9' }]);
    expect(hits).toHaveLength(0);
  });

  test('does not believe an address that leads to a device that nobody manages: its queries do not come here', async () => {
    devices.current.learn('127.0.0.1', '3c:22:fb:10:20:30');
    client.send(query('www.youtube.com', 8));
    expect((await client.answer(8))?.packet.answers).toMatchObject([{ data: '0.0.0.0' }]);
    expect(hits).toHaveLength(0);
  });

  test('says at once that there is no resolver', async () => {
    resolver.current.stop();
    client.send(query('example.org', 8));
    expect((await client.answer(8))?.packet).toMatchObject({ rcode: 'SERVFAIL' });
    resolver.current = new FakeResolver();
    await resolver.current.start();
    client.send(query('example.org', 9));
    expect((await client.answer(9))?.packet).toMatchObject({ rcode: 'NOERROR' });
  });

  test('is silent to answers and to scraps, and goes on', async () => {
    client.send(Buffer.alloc(0));
    client.send(Buffer.from('00', 'hex'));
    const reply = query('example.org', 10);
    reply.writeUInt8(0x80, 2);
    client.send(reply);
    client.send(Buffer.from('0b0b0100', 'hex'));
    expect((await client.answer(0x0b0b))?.packet).toMatchObject({ rcode: 'FORMERR' });
    expect(client.answers.size).toBe(1);
  });

  test('follows the addresses of the router', async () => {
    side.current.addresses = ['127.0.0.1', '127.0.0.3'];
    await until(() => {
      client.send(query('www.tiktok.com', 11), '127.0.0.3');
      return client.answers.has(11);
    });
    client.send(query('www.tiktok.com', 12), '127.0.0.2');
    client.send(query('www.tiktok.com', 13), '127.0.0.1');
    await client.answer(13);
    expect(client.answers.has(12)).toBe(false);
  });

  test('tries an address again that could not be bound', async () => {
    const occupant = createSocket('udp4');
    occupant.bind(UDP, '127.0.0.4');
    await once(occupant, 'listening');
    side.current.addresses = ['127.0.0.4'];
    await new Promise((resolve) => setTimeout(resolve, 50));
    occupant.close();
    await until(() => {
      client.send(query('www.tiktok.com', 14), '127.0.0.4');
      return client.answers.has(14);
    }, 4000);
  });
});

describe('over TCP', () => {
  function dial(): { socket: Socket; answers: Packet[] } {
    const socket = connect(TCP, '127.0.0.1');
    const deframer = new Deframer();
    const answers: Packet[] = [];
    socket.on('data', (chunk) => answers.push(...deframer.push(chunk).map((message) => decode(message))));
    socket.on('error', () => undefined);
    streams.push(socket);
    return { socket, answers };
  }

  test('answers many queries of one stream, however it is cut', async () => {
    const { socket, answers } = dial();
    const names = ['www.tiktok.com', 'example.org', 'big.example'];
    const stream = Buffer.concat(
      Array.from({ length: 60 }, (_, id) => framed(query(names[id % 3] ?? '', id))),
    );
    for (let at = 0; at < stream.length; at += 37) socket.write(stream.subarray(at, at + 37));
    await until(() => answers.length === 60, 5000);
    for (const packet of answers) {
      const data = (packet.id ?? 0) % 3 === 0 ? '0.0.0.0' : '192.0.2.9';
      expect(packet.answers).toMatchObject([{ data }]);
    }
    expect(resolver.current.asked.every((asked) => asked.startsWith('tcp '))).toBe(true);
  });

  test('leads to safe search by an alias, resolved over TCP', async () => {
    await responder.stop();
    responder = makeResponder({ inForce: () => inForce({ anRules: { safeSearch: true } }) });
    await responder.start();
    const { socket, answers } = dial();
    socket.write(framed(query('www.google.com.vn', 1)));
    await until(() => answers.length === 1);
    expect(answers[0]?.answers).toMatchObject([
      { type: 'CNAME', data: 'forcesafesearch.google.com' },
      { type: 'A', name: 'forcesafesearch.google.com', data: '192.0.2.9' },
    ]);
    expect(resolver.current.asked).toEqual(['tcp forcesafesearch.google.com']);
    expect(hits).toEqual([]);
  });

  test('answers what was asked before the client closed its side', async () => {
    const { socket, answers } = dial();
    socket.end(framed(query('example.org', 1)));
    await once(socket, 'close');
    expect(answers).toHaveLength(1);
  });

  test('ends a connection that sends more than any query is', async () => {
    const { socket } = dial();
    socket.write(Buffer.concat([Buffer.from('ffff', 'hex'), Buffer.alloc(5000)]));
    await once(socket, 'close');
  });

  test('takes a bounded number of connections of one device', async () => {
    const closed: number[] = [];
    for (let n = 0; n < 20; n += 1) dial().socket.on('close', () => closed.push(n));
    await until(() => closed.length === 4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(closed).toHaveLength(4);
    for (const stream of streams.splice(0)) stream.destroy();
    await until(() => closed.length === 20);
    const { socket, answers } = dial();
    socket.write(framed(query('www.tiktok.com', 2)));
    await until(() => answers.length === 1);
  });

  test('takes no connection to an address that is not of the LAN', async () => {
    const socket = connect(TCP, '127.0.0.9');
    streams.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'close');
  });

  test('asks the resolver for a few at a time, and for the others in turn', async () => {
    const { socket, answers } = dial();
    socket.write(Buffer.concat(Array.from({ length: 30 }, (_, id) => framed(query(`n${id}.example`, id)))));
    await until(() => answers.length === 30);
    for (const packet of answers) expect(packet).toMatchObject({ rcode: 'NOERROR' });
  });
});

test('a resolver that is silent is given up', { timeout: 10_000 }, async () => {
  client.send(query('lost.example', 20));
  const socket = connect(TCP, '127.0.0.1');
  streams.push(socket);
  socket.write(framed(query('lost.example', 21)));
  const [chunk] = await once(socket, 'data');
  expect(decode(chunk.subarray(2))).toMatchObject({ rcode: 'SERVFAIL' });
  await until(() => client.answers.has(20));
  expect(client.answers.get(20)?.packet).toMatchObject({ rcode: 'SERVFAIL' });
});

test('stops twice, and starts again', async () => {
  await responder.stop();
  await responder.stop();
  await responder.start();
  client.send(query('www.tiktok.com', 30));
  expect((await client.answer(30))?.packet.answers).toHaveLength(1);
});

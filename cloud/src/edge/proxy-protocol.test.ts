import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as secure } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../free-port.fixture.ts';
import { type TestRouter, testEdge } from './edge.fixture.ts';
import { bodyLength, sourceOf } from './proxy-protocol.ts';

let edge: Awaited<ReturnType<typeof testEdge>>;
let router: TestRouter;
let balancer: number;
let stopBalancer: () => Promise<void>;
beforeAll(async () => {
  edge = await testEdge({
    // Two connections that come to nothing, and then none for long.
    handshakes: { pending: 1000, failures: { burst: 2, perSecond: 0.001 } },
    proxies: ['127.0.0.1'],
    proxyProtocol: true,
  });
  router = await edge.enrolled();
  [balancer, stopBalancer] = await haproxy(edge.edge.port);
});
afterAll(async () => {
  await stopBalancer();
  await edge.stop();
});

/** The real one, as in cloud/deploy/haproxy.cfg. */
async function haproxy(to: number): Promise<[number, () => Promise<void>]> {
  const folder = mkdtempSync(join(tmpdir(), 'khien-haproxy-'));
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  const text = [
    'defaults',
    '  mode tcp',
    '  timeout connect 1s',
    '  timeout client 60s',
    '  timeout server 60s',
    'listen routers',
    `  bind 127.0.0.1:${port}`,
    `  server node 127.0.0.1:${to} send-proxy-v2 check inter 500`,
    '',
  ];
  writeFileSync(file, text.join('\n'));
  const running = spawn('haproxy', ['-db', '-q', '-f', file], { stdio: 'ignore' });
  await vi.waitFor(async () => expect(await answers(port)).toBe(true), { timeout: 10_000 });
  const stop = async (): Promise<void> => {
    running.kill('SIGKILL');
    await once(running, 'exit');
    rmSync(folder, { recursive: true });
  };
  return [port, stop];
}

async function answers(port: number): Promise<boolean> {
  const socket = dial(port, '127.0.0.1');
  const opened = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return opened;
}

/** Shakes hands over a connection; whether it is let in. */
function handshake(socket: Socket, tls: Partial<TestRouter['tls']> = router.tls): Promise<boolean> {
  return new Promise((resolve) => {
    const secured = secure({ socket, ...router.tls, ...tls, servername: 'localhost' });
    // CONNECT of MQTT 3.1.1 (§3.1) with the router's id; anything that comes back is the CONNACK.
    const id = Buffer.from(router.id);
    const rest = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, id.length, ...id]);
    secured.on('secureConnect', () => secured.write(Buffer.from([0x10, rest.length, ...rest])));
    secured.on('data', () => {
      resolve(true);
      secured.destroy();
    });
    secured.on('error', () => undefined);
    secured.on('close', () => resolve(false));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(false));
  });
}

const through = (localAddress: string) => dial({ port: balancer, host: '127.0.0.1', localAddress });
const directly = () => dial({ port: edge.edge.port, host: '127.0.0.1' });

test('behind a load balancer each router comes from its own address, and who only tries is refused alone', async () => {
  expect(await handshake(through('127.0.0.2'))).toBe(true);
  for (let n = 0; n < 4; n += 1) {
    const socket = through('127.0.0.3');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.end('this is no TLS');
    await once(socket.resume(), 'close');
  }
  expect(await handshake(through('127.0.0.3'))).toBe(false);
  expect(await handshake(through('127.0.0.2'))).toBe(true);
  expect(await handshake(through('127.0.0.4'))).toBe(true);
});

const header = (address: readonly number[]) =>
  Buffer.from([
    ...Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
    ...[0x21, 0x11, 0, 12],
    ...[...address, 127, 0, 0, 1, 0x30, 0x39, 0x22, 0xb3],
  ]);

test('a header that comes byte by byte is one; a load balancer that says nothing, or nonsense, is hung up on', async () => {
  const socket = directly();
  await once(socket, 'connect');
  for (const byte of header([192, 0, 2, 9])) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await handshake(socket)).toBe(true);
  expect(await handshake(directly())).toBe(false);
  for (const bad of [
    Buffer.alloc(64),
    header([1, 2, 3, 4]).fill(0xff, 14, 16),
    header([1, 2, 3, 4]).fill(0x31, 13, 14),
  ]) {
    const other = directly();
    await once(other, 'connect');
    other.write(bad);
    expect(await handshake(other)).toBe(false);
  }
});

test('whoever a load balancer speaks for is held to the limits, also with an address like its own', async () => {
  for (let n = 0; n < 4; n += 1) {
    const socket = directly();
    await once(socket, 'connect');
    socket.write(header([127, 0, 0, 1]));
    socket.end('this is no TLS');
    await once(socket.resume(), 'close');
  }
  const socket = directly();
  await once(socket, 'connect');
  socket.write(header([127, 0, 0, 1]));
  expect(await handshake(socket)).toBe(false);
  expect(await handshake(through('127.0.0.2'))).toBe(true);
});

test('from an address that is no load balancer a header is nothing but a bad handshake', async () => {
  const socket = dial({ port: edge.edge.port, host: '127.0.0.1', localAddress: '127.0.0.7' });
  await once(socket, 'connect');
  socket.write(header([192, 0, 2, 10]));
  expect(await handshake(socket)).toBe(false);
  const plain = dial({ port: edge.edge.port, host: '127.0.0.1', localAddress: '127.0.0.8' });
  expect(await handshake(plain)).toBe(true);
});

test('addresses of both families are read, and an IPv4 address is one in either', () => {
  const head = (command: number, family: number, length: number) =>
    Buffer.from([
      ...Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
      command,
      family,
      length >> 8,
      length & 255,
    ]);
  const v6 = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(20)]);
  const six = head(0x21, 0x21, 36);
  expect(bodyLength(six)).toBe(36);
  expect(sourceOf(six, v6('20010db8000000000000000000000007'))).toBe('2001:db8:0:0:0:0:0:7');
  expect(sourceOf(six, v6('00000000000000000000ffffc0000209'))).toBe('192.0.2.9');
  expect(sourceOf(six, Buffer.alloc(12))).toBeUndefined();
  expect(sourceOf(head(0x20, 0, 0), Buffer.alloc(0))).toBeNull();
  expect(bodyLength(head(0x20, 0, 0))).toBe(0);
  expect(bodyLength(head(0x11, 0x11, 12))).toBeUndefined();
  expect(bodyLength(head(0x21, 0x11, 60_000))).toBeUndefined();
});

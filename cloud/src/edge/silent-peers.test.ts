import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { connect as secure } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../free-port.fixture.ts';
import { type TestEdge, testEdge } from './edge.fixture.ts';

/** Peers that open connections and then say nothing more. */
let home: TestEdge;
let silent: Socket[];
beforeEach(async () => {
  home = await testEdge();
  silent = [];
});
afterEach(async () => {
  for (const socket of silent) socket.destroy();
  await home.stop();
});

/** From three addresses, in turn. */
async function open(count: number, bytes: Buffer): Promise<void> {
  const { port } = home.edge;
  for (let n = 0; n < count; n += 1) {
    const socket = dial({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + (n % 3)}` });
    socket.on('error', () => undefined);
    silent.push(socket);
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(bytes, resolve));
  }
}

/** The first that a TLS client sends. */
async function clientHello(): Promise<Buffer> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const client = secure({ port, host: '127.0.0.1', servername: 'localhost' });
  client.on('error', () => undefined);
  const [socket]: Socket[] = await once(server, 'connection');
  if (socket === undefined) throw new Error('nobody has come');
  const [bytes]: Buffer[] = await once(socket, 'data');
  socket.destroy();
  server.close();
  if (bytes === undefined) throw new Error('nothing was said');
  return bytes;
}

/** Milliseconds until a router of another address is let in. */
async function honest(): Promise<number> {
  const router = await home.enrolled();
  const since = performance.now();
  await home.connected(router);
  return performance.now() - since;
}

test('who says a byte, or half a hello, takes nobody’s turn', async () => {
  const hello = await clientHello();
  await open(64, hello.subarray(0, 1));
  await open(64, hello.subarray(0, hello.length - 1));
  expect(await honest()).toBeLessThan(2_000);
});

test('who says hello and no more takes a turn for a moment, however often it does', async () => {
  const hello = await clientHello();
  await open(4 * 64, hello);
  expect(await honest()).toBeLessThan(2_000);
});

test('a hello that comes byte by byte is one, and what is none is hung up on', async () => {
  const hello = await clientHello();
  await open(1, Buffer.alloc(0));
  const [trickling] = silent;
  if (trickling === undefined) throw new Error('nobody has come');
  for (const byte of hello) {
    trickling.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [answer]: Buffer[] = await once(trickling, 'data');
  expect(answer?.[0]).toBe(22);
  for (const bad of ['this is no TLS', '\u0016\u0003\u0001\u0000\u0000', '\u0016\u0003\u0001\u0041\u0000']) {
    await open(1, Buffer.from(bad));
    await once(silent.at(-1)?.resume() ?? trickling, 'close');
  }
});

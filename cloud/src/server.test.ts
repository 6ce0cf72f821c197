import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Config, readConfig } from './config.ts';
import { freePort } from './free-port.fixture.ts';
import { CloudServer } from './server.ts';

let folder: string;
let servers: CloudServer[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khien-server-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true });
});

async function config(environment: Record<string, string> = {}): Promise<Config> {
  return readConfig({
    KHIEN_DATA: join(folder, 'data'),
    KHIEN_HTTP_LISTEN: '127.0.0.1:0',
    KHIEN_MQTT_LISTEN: `127.0.0.1:${await freePort()}`,
    KHIEN_LOG: 'silent',
    ...environment,
  });
}

function cloud(of: Config): CloudServer {
  const server = new CloudServer(of, join(folder, 'web'));
  servers.push(server);
  return server;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const part of response) text += part;
  return text;
}

test('starts, serves both sides, stops, and finds its accounts again', async () => {
  const first = cloud(await config());
  const address = await first.start();
  const signUp = await fetch(`${address}/api/v1/account`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: address },
    body: JSON.stringify({
      email: 'lan@example.vn',
      password: 'a long enough password',
      name: 'Lan',
      household: { name: 'Nhà', zone: 'Asia/Ho_Chi_Minh' },
      language: 'vi',
    }),
  });
  expect(signUp.status).toBe(201);
  const cookie = signUp.headers.get('set-cookie')?.split(';')[0] ?? '';
  await first.stop();
  await expect(fetch(`${address}/healthz`)).rejects.toThrow();

  const second = cloud(await config());
  const again = await second.start();
  const account = await fetch(`${again}/api/v1/account`, { headers: { cookie } });
  expect(await account.json()).toMatchObject({ email: 'lan@example.vn' });
  expect(statSync(join(folder, 'data')).mode & 0o077).toBe(0);
});

test('the edge asks for a certificate', async () => {
  const settings = await config();
  await cloud(settings).start();
  const socket = connect(settings.mqttListen.port, settings.mqttListen.host);
  await once(socket, 'connect');
  socket.end('not TLS at all, and never will be\r\n\r\n');
  await once(socket, 'close');
});

test('routers without an account can ask to be enrolled, from no page', async () => {
  const address = await cloud(await config()).start();
  const response = await fetch(`${address}/api/v1/enrolment`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'INVALID_INPUT' });
});

test('serves TLS with the embedded authority’s certificate', async () => {
  const address = await cloud(
    await config({ KHIEN_HTTP_TLS: 'embedded', KHIEN_PUBLIC_URL: 'https://khien.home' }),
  ).start();
  const sent = requestTls(`${address}/healthz`, { rejectUnauthorized: false, servername: 'khien.home' });
  sent.end();
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (response === undefined) throw new Error('no response');
  const { socket } = response;
  if (!(socket instanceof TLSSocket)) throw new Error('no TLS');
  expect(socket.getPeerCertificate().subjectaltname).toContain('DNS:khien.home');
  expect(await bodyOf(response)).toBe('{"status":"ok"}');
  expect(response.headers['strict-transport-security']).toBeDefined();
});

test('listens at a unix socket, and believes the proxy there whom it asks for', async () => {
  const path = join(folder, 'http.sock');
  await cloud(await config({ KHIEN_HTTP_LISTEN: `unix:${path}` })).start();
  const ask = async (forwarded: string | undefined) => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const sent = request({ socketPath: path, path: '/healthz', headers });
    sent.end();
    const [response]: IncomingMessage[] = await once(sent, 'response');
    if (response === undefined) throw new Error('no response');
    await bodyOf(response);
    return Number(response.headers['x-ratelimit-remaining']);
  };
  expect([await ask('192.0.2.1'), await ask('192.0.2.1')]).toEqual([1199, 1198]);
  expect(await ask('6.6.6.6, 192.0.2.2')).toBe(1199);
  expect(await ask('6.6.6.7, 192.0.2.2')).toBe(1198);
  expect(await ask(undefined)).toBe(1199);
});

test('a socket that a killed process left is taken over, one that somebody listens at is not', async () => {
  const path = join(folder, 'http.sock');
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  expect(existsSync(path)).toBe(true);
  await cloud(await config({ KHIEN_HTTP_LISTEN: `unix:${path}` })).start();

  const file = join(folder, 'file');
  writeFileSync(file, 'not a socket');
  await expect(
    cloud(await config({ KHIEN_HTTP_LISTEN: `unix:${file}`, KHIEN_DATA: join(folder, 'third') })).start(),
  ).rejects.toThrow();
  expect(existsSync(file)).toBe(true);

  const second = await config({ KHIEN_HTTP_LISTEN: `unix:${path}`, KHIEN_DATA: join(folder, 'other') });
  await expect(cloud(second).start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('nothing is left running when a part cannot start', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const settings = await config({ KHIEN_HTTP_LISTEN: `127.0.0.1:${port}` });
  await expect(cloud(settings).start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const probe = connect(settings.mqttListen.port, settings.mqttListen.host);
  const [error] = await once(probe, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  taken.close();
});

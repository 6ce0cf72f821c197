import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KhienError } from '@khien/shared/error';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askDaemon } from './ask.ts';
import { ControlSocket } from './control-socket.ts';
import { Place } from './place.ts';
import type { ControlRequest } from './protocol.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-control-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the place', () => {
  const socket = `\0khien-test-${process.pid}`;

  it('is held by one, which the second one is told of, and free again after', async () => {
    const first = new Place(socket);
    await first.start();
    await expect(new Place(socket).start()).rejects.toMatchObject({
      code: 'ALREADY_RUNNING',
      details: { pid: process.pid },
    });
    await first.stop();
    const second = new Place(socket);
    await second.start();
    await second.stop();
  });

  it('is free at once when its holder is killed', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => console.log('held'))`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    await expect(new Place(socket).start()).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await gone;
    const place = new Place(socket);
    await place.start();
    await place.stop();
  });
});

describe('the control socket', () => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const open: ControlSocket[] = [];
  const path = () => join(folder, 'run', 'khien', 'control.sock');

  async function serve(answer: (request: ControlRequest) => Promise<unknown>): Promise<ControlSocket> {
    const socket = new ControlSocket({ path: path(), log, answer });
    await socket.start();
    open.push(socket);
    return socket;
  }
  afterEach(async () => {
    for (const socket of open.splice(0)) await socket.stop();
  });

  /** Sends bytes as they are; resolves with what came until the daemon closed, and how long that took. */
  function send(bytes: string | Buffer, end = true): Promise<{ text: string; ms: number }> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const socket = connect(path());
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve({ text, ms: performance.now() - started }));
      if (end) socket.end(bytes);
      else socket.write(bytes);
    });
  }

  it('answers, replaces what a killed daemon left, and says when nobody is there', async () => {
    await expect(askDaemon(path(), { ask: 'status' })).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    await serve(() => Promise.resolve({ version: 1 }));
    await serve(() => Promise.resolve({ version: 2 }));
    expect(await askDaemon(path(), { ask: 'status' })).toEqual({ version: 2 });
  });

  it('is for root only, and gone when the daemon stops', async () => {
    const socket = await serve(() => Promise.resolve(0));
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    await socket.stop();
    await expect(stat(path())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('passes the request on as it was asked, and a refusal with its code', async () => {
    const asked: ControlRequest[] = [];
    await serve((request) => {
      asked.push(request);
      return Promise.reject(new KhienError('NO_SUCH_DEVICE', 'no device is called tablet'));
    });
    const request = { ask: 'explain', name: 'tiktok.com', device: 'tablet' } as const;
    await expect(askDaemon(path(), request)).rejects.toMatchObject({
      code: 'NO_SUCH_DEVICE',
      message: 'no device is called tablet',
    });
    expect(asked).toEqual([request]);
  });

  it('does not tell a client what broke inside', async () => {
    await serve(() => Promise.reject(new Error('secret')));
    const { text } = await send('{"ask":"status"}\n');
    expect(JSON.parse(text)).toMatchObject({ ok: false, code: 'CONTROL_FAILED' });
    expect(text).not.toContain('secret');
  });

  it.each([
    ['what is not JSON', 'status\n', 'CONTROL_BAD_REQUEST'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0, 0x0a]), 'CONTROL_BAD_REQUEST'],
    ['an unknown question', '{"ask":"password"}\n', 'CONTROL_BAD_REQUEST'],
    ['more than was agreed', '{"ask":"status","force":true}\n', 'CONTROL_BAD_REQUEST'],
    ['a name that is none', '{"ask":"explain","name":"Tik Tok"}\n', 'CONTROL_BAD_REQUEST'],
    ['half a request', '{"ask":', 'CONTROL_BAD_REQUEST'],
    ['a line that is too long', `{"ask":"${'x'.repeat(5000)}"}\n`, 'CONTROL_TOO_LONG'],
    ['a line without an end', 'x'.repeat(100_000), 'CONTROL_TOO_LONG'],
  ])('answers %s with a code', async (_, bytes, code) => {
    await serve(() => Promise.resolve('never'));
    expect(JSON.parse((await send(bytes)).text)).toMatchObject({ ok: false, code });
  });

  it('takes a request that comes in pieces, and only the first of several', async () => {
    let served = 0;
    await serve(() => Promise.resolve(++served));
    const text = new Promise<string>((resolve) => {
      const socket = connect(path());
      socket.on('data', (chunk) => resolve(chunk.toString()));
      socket.write('{"ask":');
      setTimeout(() => socket.write('"status"}\n{"ask":"status"}\n'), 30);
    });
    expect(JSON.parse(await text)).toEqual({ ok: true, answer: 1 });
    expect(served).toBe(1);
  });

  it('drops who says nothing, while others are answered', async () => {
    await serve(() => Promise.resolve('here'));
    const silent = send('', false);
    const slow = send('{"ask"', false);
    const answers = await Promise.all(Array.from({ length: 8 }, () => askDaemon(path(), { ask: 'status' })));
    expect(answers).toEqual(Array.from({ length: 8 }, () => 'here'));
    for (const dropped of [await silent, await slow]) {
      expect(dropped.text).toBe('');
      expect(dropped.ms).toBeGreaterThan(1500);
      expect(dropped.ms).toBeLessThan(5000);
    }
  });

  it('turns away more clients than it can have at once, and has room again after', async () => {
    await serve(() => Promise.resolve('here'));
    const idle = Array.from({ length: 20 }, () => connect(path()).on('error', () => undefined));
    await expect.poll(() => idle.filter(({ closed }) => closed).length).toBe(4);
    for (const socket of idle) socket.destroy();
    await expect.poll(() => askDaemon(path(), { ask: 'status' }).catch(() => undefined)).toBe('here');
  });

  it('stops while a client waits', async () => {
    const socket = await serve(() => new Promise(() => undefined));
    const waiting = askDaemon(path(), { ask: 'status' });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'NO_ANSWER' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await socket.stop();
    await refused;
  });

  it('says so where an answer would be too long', async () => {
    await serve(() => Promise.resolve('x'.repeat(2 << 20)));
    await expect(askDaemon(path(), { ask: 'status' })).rejects.toMatchObject({ code: 'CONTROL_TOO_LONG' });
  });

  it('does not take the word of something else that listens there', async () => {
    const other = join(folder, 'other.sock');
    const server = createServer((client) => client.end('{"version":"old"}\n')).listen(other);
    await expect(askDaemon(other, { ask: 'status' })).rejects.toMatchObject({ code: 'NO_ANSWER' });
    server.close();
    const file = join(folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    await expect(askDaemon(file, { ask: 'status' })).rejects.toMatchObject({ code: 'NOT_RUNNING' });
  });
});

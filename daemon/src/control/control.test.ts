import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from './place.ts';
import { readStatus, StatusSocket } from './status-socket.ts';

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

describe('the status socket', () => {
  it('answers, replaces what a killed daemon left, and says when nobody is there', async () => {
    const path = join(folder, 'run', 'khien', 'status.sock');
    await expect(readStatus(path)).rejects.toMatchObject({ code: 'NOT_RUNNING' });
    const first = new StatusSocket(path, () => Promise.resolve({ version: 1 }));
    await first.start();
    const second = new StatusSocket(path, () => Promise.resolve({ version: 2 }));
    await second.start();
    expect(await readStatus(path)).toEqual({ version: 2 });
    await second.stop();
    await first.stop();
  });
});

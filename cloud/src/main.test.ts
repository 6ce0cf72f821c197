import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

// Each run loads the whole program from its sources.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khien-main-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the program; `stopWhen` sends SIGTERM as soon as stdout matches it. */
async function run(args: string[], environment: Record<string, string>, stopWhen?: RegExp) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env.PATH, KHIEN_DATA: folder, ...environment },
  });
  let out = '';
  let err = '';
  let stopped = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (stopWhen?.test(out) === true && !stopped) stopped = child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [status] = await once(child, 'close');
  return { status, out, err };
}

test('says how it is used and configured', async () => {
  const { status, out } = await run(['--help'], {});
  expect(status).toBe(0);
  expect(out).toContain('KHIEN_PUBLIC_URL');
});

test('checks its configuration without starting anything', async () => {
  const good = await run(['--check'], { KHIEN_PUBLIC_URL: 'https://khien.vn' });
  expect(good.status).toBe(0);
  expect(JSON.parse(good.out)).toMatchObject({ mqttUrl: 'mqtts://khien.vn:8883' });
  const bad = await run(['--check'], { KHIEN_PUBLIC_URL: 'khien.vn', KHIEN_TYPO: '1' });
  expect(bad).toEqual({
    status: 78,
    out: '',
    err: 'KHIEN_PUBLIC_URL: must be an http or https URL\nKHIEN_TYPO: there is no such setting\n',
  });
  expect((await run(['--chekc'], {})).status).toBe(64);
});

test('starts, says where it is, and ends in peace when asked to', async () => {
  const environment = {
    KHIEN_HTTP_LISTEN: '127.0.0.1:0',
    KHIEN_MQTT_LISTEN: '127.0.0.1:0',
    KHIEN_LOG: 'error',
  };
  const { status, out, err } = await run(
    [],
    { ...environment, KHIEN_MQTT_URL: 'mqtts://localhost:1' },
    /Khiên is at/,
  );
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^Khiên is at http:\/\/127\.0\.0\.1:\d+\n$/);
});

test('says in a line why it cannot start', async () => {
  const { status, err } = await run([], {
    KHIEN_DATA: join(import.meta.dirname, 'main.ts'),
    KHIEN_LOG: 'silent',
  });
  expect(status).toBe(1);
  expect(err).toMatch(/^EEXIST: .*\n$/);
  writeFileSync(join(folder, 'khien.sqlite'), 'this is a text, and a long one at that '.repeat(50));
  const unreadable = await run([], { KHIEN_LOG: 'silent' });
  expect(unreadable.err).toMatch(/^STORE_UNREADABLE: .*khien\.sqlite cannot be opened: .*not a database\n$/);
});

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KhienError } from '@khien/shared/error';
import type { ListsBody } from '@khien/shared/list';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TableCompiler } from './compile.ts';
import type { Download } from './download/download.ts';
import { ListFolder } from './list-folder.ts';
import { ListUpdates } from './list-updates.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let wanted: ListsBody | undefined;
let listeners: Set<() => void>;
let download: ReturnType<typeof vi.fn<Download>>;
let reports: string[];
let waiting: { delay: number; run: () => void }[];
let updates: ListUpdates;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khien-updates-'));
  mkdirSync(join(folder, 'lists'));
  writeFileSync(join(folder, 'starter.khl'), tableOf('shipped.example'));
  wanted = undefined;
  listeners = new Set();
  reports = [];
  waiting = [];
  download = vi.fn<Download>((job) => {
    const [name] = Object.entries(published).find(([, bytes]) => hashOf(bytes) === job.sha256) ?? [''];
    writeFileSync(job.target, published[name] ?? '');
    return Promise.resolve();
  });
});
afterEach(async () => {
  await updates.stop();
  rmSync(folder, { recursive: true });
});

const published: Record<string, Buffer> = {
  one: tableOf('one.example'),
  two: tableOf('two.example'),
};

function tableOf(name: string): Buffer {
  const compiler = new TableCompiler();
  compiler.add(0, name);
  return Buffer.concat(compiler.finish({ version: name }).pieces);
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function started(): Promise<ListUpdates> {
  updates = new ListUpdates({
    folder: new ListFolder(join(folder, 'lists')),
    shipped: join(folder, 'starter.khl'),
    wanted: () => wanted,
    onWanted: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cloud: { url: 'https://khien.example', authority: undefined },
    download,
    clock: {
      after: (delay, run) => {
        const timer = { delay, run };
        waiting.push(timer);
        return () => {
          waiting = waiting.filter((each) => each !== timer);
        };
      },
    },
    log: silent,
    report: (code) => reports.push(code),
  });
  await updates.start();
  return updates;
}

function want(name: string): void {
  const bytes = published[name] ?? Buffer.alloc(0);
  const sha256 = hashOf(bytes);
  wanted = {
    table: { version: name, path: `/lists/${sha256}.khl`, bytes: bytes.length, sha256 },
    categories: [],
  };
  for (const listener of listeners) listener();
}

const inForce = () => updates.inForce?.version;
const stored = () => readdirSync(join(folder, 'lists'));
const file = (name: string, end = 'khl') =>
  join(folder, 'lists', `${hashOf(published[name] ?? Buffer.alloc(0))}.${end}`);
const reached = (name: string) => vi.waitFor(() => expect(inForce()).toBe(`${name}.example`));

it('begins with the list that is shipped, and goes on with those that the cloud names', async () => {
  await started();
  const changed = vi.fn();
  updates.onChange(changed);
  expect(inForce()).toBe('shipped.example');
  wanted = { table: null, categories: [] };
  for (const listener of listeners) listener();
  want('one');
  await reached('one');
  expect(download.mock.calls[0]?.[0]).toMatchObject({
    url: `https://khien.example/lists/${hashOf(published.one ?? Buffer.alloc(0))}.khl`,
  });
  const before = updates.current;
  want('two');
  await reached('two');
  expect(changed).toHaveBeenCalledTimes(2);
  await vi.waitFor(() => expect(stored()).toHaveLength(1));
  // Whoever still has the old one reads on.
  expect(before.lookup('one.example')).toHaveLength(1);
  want('two');
  expect(download).toHaveBeenCalledTimes(2);
  expect(reports).toEqual([]);
});

it('has the downloaded list after a restart, without asking', async () => {
  await started();
  want('one');
  await reached('one');
  await updates.stop();
  await started();
  expect(inForce()).toBe('one.example');
  want('one');
  expect(download).toHaveBeenCalledTimes(1);
});

it('takes the newer of two lists that a power cut left, and falls back where they are damaged', async () => {
  writeFileSync(file('one'), published.one ?? '');
  writeFileSync(file('two'), published.two ?? '');
  utimesSync(file('one'), 1000, 1000);
  await started();
  expect(inForce()).toBe('two.example');
  await updates.stop();
  writeFileSync(file('two'), 'damaged');
  await started();
  expect(inForce()).toBe('one.example');
  await updates.stop();
  writeFileSync(file('one'), (published.one ?? Buffer.alloc(0)).subarray(0, 100));
  await started();
  expect(inForce()).toBe('shipped.example');
  expect(reports).toEqual(['LIST_CORRUPT', 'LIST_CORRUPT']);
  expect(stored()).toEqual([]);
});

it('does without a list where there is none', async () => {
  rmSync(join(folder, 'starter.khl'));
  await started();
  expect(updates.inForce).toBeNull();
  expect(updates.current.lookup('one.example')).toEqual([]);
  expect(reports).toEqual(['LIST_UNREADABLE']);
});

it('keeps the old list when the new one does not come, and tries again: soon for a line, later for a bad list', async () => {
  await started();
  download.mockRejectedValueOnce(new KhienError('LIST_INTERRUPTED', 'a test'));
  download.mockRejectedValueOnce(new KhienError('LIST_CHECKSUM', 'a test'));
  download.mockRejectedValueOnce(new KhienError('LIST_CHECKSUM', 'a test'));
  want('one');
  const again = async () => {
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    expect(inForce()).toBe('shipped.example');
    const [next] = waiting.splice(0);
    next?.run();
    return next?.delay;
  };
  expect(await again()).toBeLessThan(2100);
  expect(await again()).toBeGreaterThan(4 * 60_000);
  expect(await again()).toBeGreaterThan(4 * 60_000);
  await reached('one');
  // Each kind once, and nothing of a line that breaks.
  expect(reports).toEqual(['LIST_CHECKSUM']);
});

it('gives a list up that is not wanted any more', async () => {
  await started();
  const signals: AbortSignal[] = [];
  download.mockImplementationOnce((_job, signal) => {
    signals.push(signal);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  want('one');
  await vi.waitFor(() => expect(download).toHaveBeenCalledOnce());
  writeFileSync(file('one', 'part'), 'half');
  want('two');
  await reached('two');
  expect(signals[0]?.aborted).toBe(true);
  expect(existsSync(file('one', 'part'))).toBe(false);
  expect(reports).toEqual([]);
});

it('refuses what the download called good but is no list, and removes it', async () => {
  await started();
  download.mockImplementationOnce((job) => {
    writeFileSync(job.target, 'no list');
    return Promise.resolve();
  });
  want('one');
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  expect([inForce(), stored(), reports]).toEqual(['shipped.example', [], ['LIST_CORRUPT']]);
});

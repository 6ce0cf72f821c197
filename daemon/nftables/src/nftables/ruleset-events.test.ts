import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NetlinkError } from '../netlink/error.ts';
import { type RulesetEvent, watchRuleset } from './ruleset-events.ts';
import type { TableInfo } from './table.ts';

const info = (name: string, handle: number): TableInfo => ({
  family: 'inet',
  name,
  handle,
  flags: [],
  use: 0,
  comment: undefined,
});
const table = (name: string) => ({ family: 'inet', name });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched() {
  const kernel = { id: 1, tables: [info('a', 1)], failing: false, listed: 0, closed: false };
  const told: (RulesetEvent | string)[] = [];
  const watch = watchRuleset(
    { event: (event) => told.push(event), lost: ({ code }) => told.push(code) },
    100,
    {
      generation: () =>
        kernel.failing
          ? Promise.reject(new NetlinkError('ENOBUFS', 'lost'))
          : Promise.resolve({ id: kernel.id }),
      listTables: () => {
        kernel.listed++;
        return Promise.resolve(kernel.tables);
      },
      close: () => {
        kernel.closed = true;
      },
    },
  );
  return { kernel, told, watch };
}

it('tells of tables that go, come or are made anew, and of the generation', async () => {
  const { kernel, told, watch } = watched();
  await vi.advanceTimersByTimeAsync(10);
  expect(told).toEqual([]);
  Object.assign(kernel, { id: 2, tables: [info('a', 1), info('b', 2)] });
  await vi.advanceTimersByTimeAsync(100);
  Object.assign(kernel, { id: 5, tables: [info('a', 3)] });
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual([
    { kind: 'table', change: 'added', table: table('b') },
    { kind: 'generation', id: 2 },
    { kind: 'table', change: 'deleted', table: table('a') },
    { kind: 'table', change: 'deleted', table: table('b') },
    { kind: 'table', change: 'added', table: table('a') },
    { kind: 'generation', id: 5 },
  ]);
  watch.close();
  expect(kernel.closed).toBe(true);
});

it('asks for the tables only when the generation has changed', async () => {
  const { kernel, watch } = watched();
  await vi.advanceTimersByTimeAsync(1000);
  expect(kernel.listed).toBe(1);
  watch.close();
});

it('makes up for a look that failed', async () => {
  const { kernel, told, watch } = watched();
  await vi.advanceTimersByTimeAsync(10);
  Object.assign(kernel, { id: 2, tables: [], failing: true });
  await vi.advanceTimersByTimeAsync(100);
  kernel.failing = false;
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual([
    'ENOBUFS',
    { kind: 'table', change: 'deleted', table: table('a') },
    { kind: 'generation', id: 2 },
  ]);
  watch.close();
});

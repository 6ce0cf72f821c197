import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataType, Nftables, type RulesetEvent, watchRuleset } from 'node-nftables';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const table = { family: 'inet', name: 'live' } as const;

let nft: Nftables;
let events: RulesetEvent[];
let watch: { close(): void };
beforeEach(async () => {
  nft = new Nftables();
  events = [];
  const handlers = {
    event: (event: RulesetEvent) => events.push(event),
    lost: (error: Error) => expect.unreachable(error.message),
  };
  watch = watchRuleset(handlers, 20);
  // Its first look is at what was there before.
  await sleep(40);
});
afterEach(() => {
  watch.close();
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

const generations = () => events.filter((event) => event.kind === 'generation');

it('tell of commits by this and other processes, and which tables went and came', async () => {
  const { id: before } = await nft.generation();
  await nft.transaction().addTable(table).commit();
  await vi.waitFor(() => expect(generations()).toHaveLength(1));
  execFileSync('nft', ['delete', 'table', 'inet', 'live']);
  await vi.waitFor(() => expect(generations()).toHaveLength(2));
  expect(events).toEqual([
    { kind: 'table', change: 'added', table },
    { kind: 'generation', id: before + 1 },
    { kind: 'table', change: 'deleted', table },
    { kind: 'generation', id: before + 2 },
  ]);
  expect(await nft.generation()).toEqual({ id: before + 2 });
});

it('tell of a table that was made anew between two looks', async () => {
  await nft.transaction().addTable(table).commit();
  await vi.waitFor(() => expect(generations()).toHaveLength(1));
  events.length = 0;
  await nft.transaction().deleteTable(table).addTable(table).commit();
  await vi.waitFor(() => expect(generations()).toHaveLength(1));
  expect(events.slice(0, 2)).toEqual([
    { kind: 'table', change: 'deleted', table },
    { kind: 'table', change: 'added', table },
  ]);
});

it('are few however much another program loads', async () => {
  const set = { table, name: 's', key: dataType.ipv4Addr, size: 1 << 20 } as const;
  await nft.transaction().addTable(table).addSet(set).commit();
  await vi.waitFor(() => expect(generations()).toHaveLength(1));
  const addresses = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
  writeFileSync('/tmp/load.nft', `add element inet live s { ${addresses.join(', ')} }\n`);
  execFileSync('nft', ['-f', '/tmp/load.nft']);
  await vi.waitFor(() => expect(generations()).toHaveLength(2));
  expect(events).toHaveLength(3);
});

it('end with close', async () => {
  watch.close();
  await nft.transaction().addTable(table).commit();
  await sleep(60);
  expect(events).toEqual([]);
});

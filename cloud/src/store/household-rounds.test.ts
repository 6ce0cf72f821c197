import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addHousehold, type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { HouseholdRounds } from './household-rounds.ts';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary.remove());

test('where a household takes long, the others of the store have most of the time', async () => {
  for (let n = 0; n < 3; n += 1) await addHousehold(temporary.store, Date.now());
  const ends: number[] = [];
  const begins: number[] = [];
  const rounds = new HouseholdRounds({
    store: temporary.store,
    log: { error: vi.fn() },
    name: 'testing',
    each: async () => {
      begins.push(performance.now());
      await sleep(30);
      ends.push(performance.now());
    },
    breath: 0,
  });
  rounds.start();
  await vi.waitFor(() => expect(ends).toHaveLength(3), { timeout: 20_000 });
  await rounds.stop();
  for (const n of [0, 1]) {
    const took = (ends[n] ?? 0) - (begins[n] ?? 0);
    expect((begins[n + 1] ?? 0) - (ends[n] ?? 0)).toBeGreaterThan(8 * took);
  }
});

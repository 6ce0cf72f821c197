import { beforeEach, describe, expect, it } from 'vitest';
import type { CountedServices } from '../enforce/service-table-state.ts';
import type { DeviceCount } from '../enforce/services-counters.ts';
import { KernelCounters } from './kernel-counters.ts';
import { ServiceRegistry } from './service-registry.ts';

const mac = '02:00:00:00:00:01';
const sent = (service: string | null, packets: number): DeviceCount => ({
  device: { mac },
  service,
  packets,
  bytes: packets * 100,
});
const received = (service: string | null, packets: number, address = '192.168.1.2'): DeviceCount => ({
  ...sent(service, packets),
  device: { address },
});

let counts: DeviceCount[];
let table: number;
let blockedFor: number;
let studiesFor: number;
let counters: KernelCounters;

let owners: Map<string, string>;

function renew(): void {
  const registry = new ServiceRegistry(() => 0);
  registry.track(new Map([['tiktok', ['tiktok.com']]]));
  registry.sighted('tiktok', { addresses: ['192.0.2.1', '192.0.2.2'], ttl: 60, front: false });
  counters = new KernelCounters({
    registry,
    devices: { byAddress: (address) => owners.get(address) },
    counted: (): Promise<CountedServices> =>
      Promise.resolve({ table, counts, blockedFor: () => blockedFor, studiesFor: () => studiesFor }),
  });
}

beforeEach(() => {
  [counts, table, blockedFor, studiesFor] = [[], 1, Number.POSITIVE_INFINITY, 0];
  owners = new Map([['192.168.1.2', mac]]);
  renew();
});

const usage = async () =>
  (await counters.readUsage()).map(({ service, packets, bytes }) => `${service} ${packets} ${bytes}`);

describe('usage', () => {
  it('is what was added, both ways and at all addresses of a service together', async () => {
    counts = [sent(null, 5)];
    expect(await usage()).toEqual([]);
    counts = [sent(null, 8), received(null, 2), sent('192.0.2.1', 1), received('192.0.2.2', 2)];
    expect(await usage()).toEqual(['null 5 500', 'tiktok 3 300']);
    expect(await usage()).toEqual([]);
    counts = [sent(null, 9)];
    expect(await usage()).toEqual(['null 1 100']);
  });

  it('counts an element that came anew, and a table that was made anew, from zero', async () => {
    counts = [sent(null, 5)];
    await usage();
    counts = [sent(null, 3)];
    expect(await usage()).toEqual(['null 3 300']);
    [table, counts] = [2, [sent(null, 7)]];
    expect(await usage()).toEqual(['null 7 700']);
  });

  it('goes on from what a former run saw', async () => {
    counts = [sent(null, 5)];
    await usage();
    const marks = counters.usageMarks();
    renew();
    table = 0;
    counters.resumeUsage(marks);
    counts = [sent(null, 8), received(null, 4)];
    expect(await usage()).toEqual(['null 7 700']);
  });

  it('keeps what came for an address until it is known whose it is', async () => {
    await usage();
    counts = [received(null, 4, '192.168.1.9')];
    expect(await usage()).toEqual([]);
    owners.set('192.168.1.9', mac);
    expect(await usage()).toEqual(['null 4 400']);
    expect(await usage()).toEqual([]);
  });

  it('leaves out what nobody can be told of', async () => {
    await usage();
    counts = [received(null, 1, '192.168.1.77'), sent('192.0.2.99', 1)];
    expect(await usage()).toEqual([]);
  });
});

describe('attempts', () => {
  it('are told by service, but not soon after it was blocked', async () => {
    expect(await counters.attempts()).toEqual([]);
    counts = [sent('192.0.2.1', 1)];
    expect(await counters.attempts()).toEqual([{ mac, method: 'direct-address', service: 'tiktok', ago: 0 }]);
    expect(await counters.attempts()).toEqual([]);
    blockedFor = 60_000;
    counts = [sent('192.0.2.1', 2)];
    expect(await counters.attempts()).toEqual([]);
  });

  it('in study mode are told without saying where, but not soon after it began', async () => {
    await counters.attempts();
    for (studiesFor of [0, 60_000]) {
      counts = [sent(null, 1 + studiesFor)];
      expect(await counters.attempts()).toEqual([]);
    }
    studiesFor = 5 * 60_000;
    expect(await counters.attempts()).toEqual([]);
    counts = [sent(null, 90_000)];
    expect(await counters.attempts()).toEqual([{ mac, method: 'direct-address', ago: 0 }]);
  });
});

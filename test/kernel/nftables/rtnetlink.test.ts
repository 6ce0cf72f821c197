import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type InterfaceAddress, type Link, type Neighbour, type RouteEvent, Rtnetlink } from 'node-nftables';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const ip = (command: string) => execFileSync('ip', command.split(' '), { encoding: 'utf8' });

const FAST = 20;

let route: Rtnetlink;
let lan: number;
beforeAll(async () => {
  ip('link add lan0 type veth peer name far0');
  ip('link set lan0 address 02:00:00:00:01:01');
  ip('link set lan0 up');
  ip('link set far0 up');
  ip('address add 192.168.50.1/24 dev lan0');
  ip('address add fd50::1/64 dev lan0 nodad');
  route = new Rtnetlink();
  lan = (await route.listLinks()).find(({ name }) => name === 'lan0')?.index ?? 0;
});
afterAll(() => {
  route.close();
  ip('link del lan0');
});

const watches: { close(): void }[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});

function collected<T>(watch: (handlers: { event(event: T): void; lost(): void }) => { close(): void }): T[] {
  const events: T[] = [];
  watches.push(
    watch({ event: (event) => events.push(event), lost: () => expect.unreachable('events were lost') }),
  );
  return events;
}

it('what a bridge has learned is listed with its port and age, without its own addresses', async () => {
  ip('link add br8 type bridge');
  ip('link set br8 up');
  ip('link add port8 type veth peer name far8');
  ip('link set port8 master br8 up');
  ip('link set far8 address 02:00:00:00:08:08 up');
  const index = async (name: string) => (await route.listLinks()).find((link) => link.name === name)?.index;
  const [bridgeIndex, interfaceIndex] = [await index('br8'), await index('port8')];
  await vi.waitFor(
    async () => {
      // Its IPv6 starts with a frame.
      const learned = (await route.listForwardings()).filter((each) => each.bridgeIndex === bridgeIndex);
      expect(learned).toEqual([
        { bridgeIndex, interfaceIndex, mac: '02:00:00:00:08:08', age: expect.any(Number) },
      ]);
      expect(learned[0]?.age).toBeLessThan(60_000);
    },
    { timeout: 10_000 },
  );
  ip('link del br8');
  ip('link del port8');
  expect(await route.listForwardings()).toEqual([]);
});

describe('links', () => {
  it('are listed', async () => {
    const links = await route.listLinks();
    expect(links.find(({ name }) => name === 'lo')).toMatchObject({ mac: '00:00:00:00:00:00', up: true });
    expect(links.find(({ name }) => name === 'lan0')).toEqual({
      index: lan,
      name: 'lan0',
      mac: '02:00:00:00:01:01',
      master: undefined,
      kind: 'veth',
      up: true,
      running: true,
    });
  });

  it('are watched: those that are there, then as they come, join and leave a bridge, and go', async () => {
    const events = collected<RouteEvent<Link>>((handlers) => route.watchLinks(handlers, FAST));
    const last = (name: string) => events.filter(({ object }) => object.name === name).at(-1);
    await vi.waitFor(() => expect(last('lan0')).toMatchObject({ change: 'set', object: { index: lan } }));
    ip('link add br9 type bridge');
    ip('link add port9 type veth peer name far9');
    ip('link set port9 master br9');
    const bridge = (await route.listLinks()).find(({ name }) => name === 'br9');
    await vi.waitFor(() =>
      expect(last('port9')).toMatchObject({ change: 'set', object: { master: bridge?.index } }),
    );
    ip('link set port9 nomaster');
    await vi.waitFor(() =>
      expect(last('port9')).toMatchObject({ change: 'set', object: { master: undefined } }),
    );
    ip('link del port9');
    ip('link del br9');
    await vi.waitFor(() => expect(last('br9')).toMatchObject({ change: 'deleted' }));
    expect(last('port9')).toMatchObject({ change: 'deleted' });
    expect(last('lan0')).toMatchObject({ change: 'set' });
  });
});

describe('addresses', () => {
  it('are listed', async () => {
    const addresses = (await route.listAddresses()).filter(({ interfaceIndex }) => interfaceIndex === lan);
    expect(addresses).toContainEqual({
      interfaceIndex: lan,
      address: '192.168.50.1',
      prefixLength: 24,
      scope: 'global',
    });
    expect(addresses).toContainEqual({
      interfaceIndex: lan,
      address: 'fd50::1',
      prefixLength: 64,
      scope: 'global',
    });
  });

  it('are watched as they come and go', async () => {
    const events = collected<RouteEvent<InterfaceAddress>>((handlers) =>
      route.watchAddresses(handlers, FAST),
    );
    const ipv4 = { interfaceIndex: lan, address: '192.168.51.1', prefixLength: 25, scope: 'global' };
    ip('address add 192.168.51.1/25 dev lan0');
    ip('address add fd51::1/64 dev lan0 nodad');
    await vi.waitFor(() => expect(events).toContainEqual({ change: 'set', object: ipv4 }));
    expect(events).toContainEqual({ change: 'set', object: expect.objectContaining({ address: 'fd51::1' }) });
    ip('address del 192.168.51.1/25 dev lan0');
    await vi.waitFor(() => expect(events.at(-1)).toEqual({ change: 'deleted', object: ipv4 }));
  });
});

describe('neighbours', () => {
  it('of both families are listed', async () => {
    ip('neigh replace 192.168.50.20 lladdr 02:00:00:00:02:20 dev lan0 nud reachable');
    ip('neigh replace fd50::20 lladdr 02:00:00:00:02:20 dev lan0 nud permanent');
    const neighbours = await route.listNeighbours();
    expect(neighbours).toContainEqual({
      interfaceIndex: lan,
      address: '192.168.50.20',
      mac: '02:00:00:00:02:20',
      state: 'reachable',
    });
    expect(neighbours).toContainEqual({
      interfaceIndex: lan,
      address: 'fd50::20',
      mac: '02:00:00:00:02:20',
      state: 'permanent',
    });
  });

  it('are watched as they come, change and go', async () => {
    const events = collected<RouteEvent<Neighbour>>((handlers) => route.watchNeighbours(handlers, FAST));
    const ofThirty = () => events.filter(({ object }) => object.address === '192.168.50.30');
    const neighbour = {
      interfaceIndex: lan,
      address: '192.168.50.30',
      mac: '02:00:00:00:02:30',
      state: 'stale',
    };
    ip('neigh replace 192.168.50.30 lladdr 02:00:00:00:02:30 dev lan0 nud stale');
    await vi.waitFor(() => expect(ofThirty()).toHaveLength(1));
    ip('neigh replace 192.168.50.30 lladdr 02:00:00:00:02:31 dev lan0 nud stale');
    await vi.waitFor(() => expect(ofThirty()).toHaveLength(2));
    ip('neigh del 192.168.50.30 dev lan0');
    await vi.waitFor(() => expect(ofThirty().at(-1)?.change).toBe('deleted'));
    expect(ofThirty().slice(0, 2)).toEqual([
      { change: 'set', object: neighbour },
      { change: 'set', object: { ...neighbour, mac: '02:00:00:00:02:31' } },
    ]);
  });

  it('of a network that invents them do no harm', async () => {
    ip('link add flood0 type veth peer name flood1');
    ip('link set flood0 up');
    const before = (await route.listNeighbours()).length;
    const events = collected<RouteEvent<Neighbour>>((handlers) => route.watchNeighbours(handlers, FAST));
    const lines = Array.from(
      { length: 40_000 },
      (_, n) => `neigh replace 10.9.${n >> 8}.${n & 255} lladdr 02:00:00:00:09:09 dev flood0 nud permanent`,
    );
    writeFileSync('/tmp/neighbours', `${lines.join('\n')}\n`);
    ip('-batch /tmp/neighbours');
    await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(before + 40_000), { timeout: 5000 });
    ip('link del flood0');
    await vi.waitFor(
      () => expect(events.filter(({ change }) => change === 'deleted').length).toBeGreaterThanOrEqual(40_000),
      { timeout: 5000 },
    );
  });
});

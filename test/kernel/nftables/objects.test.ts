import { execFileSync } from 'node:child_process';
import {
  concatenatedKey,
  dataType,
  drop,
  expr,
  hostU32,
  interfaceName,
  ipAddress,
  jump,
  macAddress,
  Nftables,
  networkU16,
} from 'node-nftables';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const table = { family: 'inet', name: 'live', comment: 'a test' } as const;

function listed(...words: string[]): string {
  return execFileSync('nft', [...words], { encoding: 'utf8' }).replaceAll(/\s+/g, ' ');
}

let nft: Nftables;
beforeEach(() => {
  nft = new Nftables();
});
afterEach(() => {
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

describe('tables', () => {
  it('are listed with comment and flags, and found', async () => {
    const dormant = { family: 'ip6', name: 'asleep', flags: ['dormant'] } as const;
    await nft.transaction().addTable(table).addTable(dormant).commit();
    expect(listed('list', 'ruleset')).toBe(
      'table inet live { comment "a test" } table ip6 asleep { flags dormant } ',
    );
    expect(await nft.listTables()).toMatchObject([
      { family: 'inet', name: 'live', comment: 'a test', flags: [], use: 0 },
      { family: 'ip6', name: 'asleep', comment: undefined, flags: ['dormant'] },
    ]);
    expect(await nft.findTable(table)).toMatchObject({ name: 'live' });
    expect(await nft.findTable({ family: 'ip', name: 'live' })).toBeUndefined();
  });

  it('go with all they hold, also when they may not exist', async () => {
    await nft.transaction().addTable(table).addChain({ table, name: 'c' }).commit();
    await nft.transaction().destroyTable(table).destroyTable({ family: 'ip', name: 'never' }).commit();
    expect(await nft.listTables()).toEqual([]);
  });

  it('of another owner are refused', async () => {
    const owned = { ...table, flags: ['owner'] } as const;
    await nft.transaction().addTable(owned).commit();
    const other = new Nftables();
    await expect(other.transaction().addChain({ table, name: 'c' }).commit()).rejects.toMatchObject({
      code: 'EPERM',
    });
    other.close();
    expect(await nft.findTable(table)).toMatchObject({ flags: ['owner'] });
    await nft.transaction().deleteTable(table).commit();
  });
});

describe('chains', () => {
  it('of every family and hook are printed by nft and listed', async () => {
    const devices = { family: 'netdev', name: 'live' } as const;
    const base = {
      table,
      name: 'base',
      base: { type: 'filter', hook: 'forward', priority: -5, policy: 'drop' },
    } as const;
    const ingress = {
      table: devices,
      name: 'in',
      base: { type: 'filter', hook: 'ingress', priority: 10, devices: ['lo'] },
    } as const;
    await nft
      .transaction()
      .addTable(table)
      .addTable(devices)
      .addChain({ table, name: 'plain', comment: 'jumped to' })
      .addChain(base)
      .addChain({ table, name: 'nat', base: { type: 'nat', hook: 'prerouting', priority: -100 } })
      .addChain({ table, name: 'route', base: { type: 'route', hook: 'output', priority: 0 } })
      .addChain(ingress)
      .commit();
    const ruleset = listed('list', 'ruleset');
    for (const line of [
      'chain plain { comment "jumped to" }',
      'type filter hook forward priority filter - 5; policy drop;',
      'type nat hook prerouting priority dstnat; policy accept;',
      'type route hook output priority filter; policy accept;',
      'type filter hook ingress device "lo" priority filter + 10; policy accept;',
    ]) {
      expect(ruleset).toContain(line);
    }
    const chains = await nft.listChains(table);
    expect(chains.map(({ name }) => name)).toEqual(['plain', 'base', 'nat', 'route']);
    expect(chains[0]).toMatchObject({ base: undefined, comment: 'jumped to' });
    expect(chains[1]?.base).toEqual({ ...base.base, devices: [] });
    expect((await nft.listChains(devices))[0]?.base).toEqual({ ...ingress.base, policy: 'accept' });
    expect(await nft.listChains({ family: 'inet', name: 'other' })).toEqual([]);
  });

  it('with several devices hook all of them', async () => {
    execFileSync('ip', ['link', 'add', 'live0', 'type', 'veth', 'peer', 'name', 'live1']);
    const devices = { family: 'netdev', name: 'live' } as const;
    const names = ['live0', 'live1'];
    await nft
      .transaction()
      .addTable(devices)
      .addChain({
        table: devices,
        name: 'in',
        base: { type: 'filter', hook: 'ingress', priority: 0, devices: names },
      })
      .commit();
    expect((await nft.listChains(devices))[0]?.base?.devices.toSorted()).toEqual(names);
    execFileSync('ip', ['link', 'del', 'live0']);
  });

  it('that are jumped to cannot be deleted; those that may not exist can be destroyed', async () => {
    const chain = { table, name: 'target' };
    const from = { table, name: 'from' };
    await nft
      .transaction()
      .addTable(table)
      .addChain(chain)
      .addChain(from)
      .addRule({ chain: from, expressions: [expr.verdict(jump('target'))] })
      .commit();
    await expect(nft.transaction().deleteChain(chain).commit()).rejects.toMatchObject({
      code: 'EBUSY',
      message: 'delete chain inet live/target: EBUSY',
    });
    await nft
      .transaction()
      .flushChain(from)
      .destroyChain(chain)
      .destroyChain({ table, name: 'never' })
      .commit();
    expect((await nft.listChains(table)).map(({ name }) => name)).toEqual(['from']);
  });
});

describe('sets and maps', () => {
  it('of every key type are printed by nft and listed as they were made', async () => {
    const sets = [
      { table, name: 'mac', key: dataType.etherAddr, size: 5, comment: 'who' },
      { table, name: 'v4', key: dataType.ipv4Addr, flags: ['timeout'], timeout: 60_000 },
      { table, name: 'v6', key: dataType.ipv6Addr, flags: ['constant'] },
      { table, name: 'port', key: dataType.inetService },
      { table, name: 'link', key: dataType.ifname },
      { table, name: 'mark', key: dataType.mark },
      {
        table,
        name: 'both',
        key: dataType.concatenated(dataType.etherAddr, dataType.inetService),
        flags: ['dynamic'],
      },
      { table, name: 'verdict', key: dataType.etherAddr, data: 'verdict' },
      { table, name: 'data', key: dataType.integer(20), data: dataType.mark },
    ] as const;
    const transaction = nft.transaction().addTable(table);
    for (const set of sets) transaction.addSet(set);
    await transaction
      .addElements(sets[0], [{ key: macAddress('02:00:00:00:00:01'), comment: 'tablet' }])
      .addElements(sets[2], [{ key: ipAddress('2001:db8::1') }])
      .addElements(sets[3], [{ key: networkU16(443) }])
      .addElements(sets[4], [{ key: interfaceName('lan0') }])
      .addElements(sets[5], [{ key: hostU32(0x10) }])
      .addElements(sets[6], [{ key: concatenatedKey(macAddress('02:00:00:00:00:01'), networkU16(80)) }])
      .addElements(sets[7], [{ key: macAddress('02:00:00:00:00:01'), verdict: drop }])
      .addElements(sets[8], [{ key: Buffer.alloc(20, 7), data: hostU32(5) }])
      .commit();
    const ruleset = listed('list', 'ruleset');
    for (const line of [
      'set mac { type ether_addr size 5 comment "who" elements = { 02:00:00:00:00:01 comment "tablet" } }',
      'set v4 { type ipv4_addr timeout 1m }',
      'set v6 { type ipv6_addr flags constant elements = { 2001:db8::1 } }',
      'set port { type inet_service elements = { 443 } }',
      'set link { type ifname elements = { "lan0" } }',
      'set mark { type mark elements = { 0x00000010 } }',
      'set both { type ether_addr . inet_service flags dynamic elements = { 02:00:00:00:00:01 . 80 } }',
      'map verdict { type ether_addr : verdict elements = { 02:00:00:00:00:01 : drop } }',
      ': 0x00000005 }',
    ]) {
      expect(ruleset).toContain(line);
    }
    const infos = await nft.listSets(table);
    expect(infos.map(({ name }) => name)).toEqual(sets.map(({ name }) => name));
    expect(infos[0]).toMatchObject({
      key: { id: 9, length: 6 },
      size: 5,
      comment: 'who',
      flags: [],
      data: undefined,
    });
    expect(infos[1]).toMatchObject({ flags: ['timeout'], timeout: 60_000 });
    expect(infos[7]).toMatchObject({ data: 'verdict' });
    expect(infos[8]).toMatchObject({ key: { length: 20 }, data: { id: 19, length: 4 } });
    expect(await nft.listSets({ family: 'ip', name: 'none' })).toEqual([]);
  });

  it('are flushed, deleted and destroyed', async () => {
    const set = { table, name: 's', key: dataType.etherAddr } as const;
    await nft
      .transaction()
      .addTable(table)
      .addSet(set)
      .addElements(set, [{ key: macAddress('02:00:00:00:00:01') }])
      .commit();
    await nft.transaction().flushSet(set).commit();
    expect(await nft.listElements(set)).toEqual([]);
    await nft.transaction().deleteSet(set).commit();
    expect(await nft.listSets(table)).toEqual([]);
    await nft.transaction().destroySet(set).commit();
    expect(await nft.listSets(table)).toEqual([]);
    expect(await nft.listElements(set)).toEqual([]);
  });
});

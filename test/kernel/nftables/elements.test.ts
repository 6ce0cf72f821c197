import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  dataType,
  type Element,
  type ElementInfo,
  expr,
  goto,
  macAddress,
  macAddressText,
  NetlinkError,
  Nftables,
  register,
} from 'node-nftables';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const table = { family: 'inet', name: 'live' } as const;
const leases = { table, name: 'leases', key: dataType.etherAddr, flags: ['timeout'], size: 64 } as const;
const devices = { table, name: 'devices', key: dataType.etherAddr, data: 'verdict', size: 64 } as const;
const mac = (last: number) => macAddress(`02:00:00:00:00:${last.toString(16).padStart(2, '0')}`);
const keys = (elements: readonly ElementInfo[]) => elements.map(({ key }) => macAddressText(key)).toSorted();

let nft: Nftables;
beforeEach(async () => {
  nft = new Nftables();
  await nft
    .transaction()
    .addTable(table)
    .addSet(leases)
    .addSet(devices)
    .addChain({ table, name: 'kid' })
    .commit();
});
afterEach(() => {
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

describe('elements', () => {
  it('come back with verdict, comment, timeout and expiration', async () => {
    await nft
      .transaction()
      .addElements(devices, [{ key: mac(1), verdict: goto('kid'), comment: 'tablet' }])
      .addElements(leases, [{ key: mac(2), timeout: 60_000 }])
      .commit();
    expect(await nft.listElements(devices)).toMatchObject([
      { key: mac(1), verdict: { kind: 'goto', chain: 'kid' }, comment: 'tablet', timeout: undefined },
    ]);
    const [lease] = await nft.listElements(leases);
    expect(lease).toMatchObject({ key: mac(2), timeout: 60_000 });
    expect(lease?.expiration).toBeGreaterThan(50_000);
    expect(lease?.expiration).toBeLessThanOrEqual(60_000);
  });

  it('expire after their timeout, each for itself', async () => {
    await nft
      .transaction()
      .addElements(leases, [{ key: mac(1), timeout: 300 }, { key: mac(2), timeout: 60_000 }, { key: mac(3) }])
      .commit();
    expect(keys(await nft.listElements(leases))).toHaveLength(3);
    await sleep(450);
    expect(keys(await nft.listElements(leases))).toEqual([mac(2), mac(3)].map(macAddressText));
  });

  it('are renewed, whether they exist, have expired or never were', async () => {
    await nft
      .transaction()
      .addElements(leases, [
        { key: mac(1), timeout: 60_000 },
        { key: mac(2), timeout: 50 },
      ])
      .commit();
    await sleep(120);
    const longer: Element[] = [1, 2, 3].map((last) => ({ key: mac(last), timeout: 600_000 }));
    await nft.transaction().renewElements(leases, longer).commit();
    const renewed = await nft.listElements(leases);
    expect(keys(renewed)).toHaveLength(3);
    for (const { timeout, expiration } of renewed) {
      expect(timeout).toBe(600_000);
      expect(expiration).toBeGreaterThan(590_000);
    }
    await nft
      .transaction()
      .renewElements(leases, [{ key: mac(1), timeout: 1000 }])
      .commit();
    const shortened = (await nft.listElements(leases)).find(({ key }) => key.equals(mac(1)));
    expect(shortened?.timeout).toBe(1000);
  });

  it('that may not exist are destroyed', async () => {
    await nft
      .transaction()
      .addElements(leases, [{ key: mac(1) }])
      .commit();
    await nft
      .transaction()
      .destroyElements(leases, [{ key: mac(1) }, { key: mac(2) }])
      .commit();
    expect(await nft.listElements(leases)).toEqual([]);
  });

  it('of an empty list neither fail nor flush the set', async () => {
    await nft
      .transaction()
      .addElements(leases, [{ key: mac(1) }])
      .commit();
    const transaction = nft.transaction().deleteElements(leases, []).addElements(leases, []);
    expect(transaction.isEmpty).toBe(true);
    await transaction.commit();
    expect(keys(await nft.listElements(leases))).toHaveLength(1);
  });

  it('fill as many messages as they need in one transaction', async () => {
    const many = { table, name: 'many', key: dataType.ipv4Addr, size: 5000 } as const;
    const elements = Array.from({ length: 5000 }, (_, index) => {
      const key = Buffer.alloc(4);
      key.writeUInt32BE(index);
      return { key };
    });
    const transaction = nft.transaction().addSet(many).addElements(many, elements);
    expect(transaction.byteLength).toBeGreaterThan(0x1_0000);
    await transaction.commit();
    expect(await nft.listElements(many)).toHaveLength(5000);
  });
});

describe('a refused transaction', () => {
  it('leaves everything as it was and names what was refused', async () => {
    const other = { family: 'netdev', name: 'live' } as const;
    await nft
      .transaction()
      .addElements(leases, [{ key: mac(1) }])
      .commit();
    const error: unknown = await nft
      .transaction()
      .addTable(other)
      .addElements(leases, [{ key: mac(2) }])
      .flushSet(devices)
      .deleteElements(leases, [{ key: mac(9) }])
      .deleteSet({ table, name: 'nothing' })
      .addChain({ table, name: 'after' })
      .commit()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetlinkError);
    expect(error).toMatchObject({
      code: 'ENOENT',
      errno: 2,
      message: 'delete element inet live/leases: ENOENT; delete set inet live/nothing: ENOENT',
      failures: [
        { code: 'ENOENT', errno: 2, request: 'delete element inet live/leases' },
        { code: 'ENOENT', errno: 2, request: 'delete set inet live/nothing' },
      ],
    });
    expect((await nft.listTables()).map(({ family }) => family)).toEqual(['inet']);
    expect(keys(await nft.listElements(leases))).toEqual([macAddressText(mac(1))]);
    expect((await nft.listChains(table)).map(({ name }) => name)).toEqual(['kid']);
  });

  it('fails with ENFILE when a set is full, EEXIST when a map says otherwise, EBUSY when in use', async () => {
    const small = { table, name: 'small', key: dataType.etherAddr, size: 2 } as const;
    await nft
      .transaction()
      .addSet(small)
      .addElements(devices, [{ key: mac(1), verdict: goto('kid') }])
      .addRule({
        chain: { table, name: 'kid' },
        expressions: [expr.payload('link', 6, 6, register(0)), expr.lookup(register(0), small.name)],
      })
      .commit();
    const three = [1, 2, 3].map((last) => ({ key: mac(last) }));
    await expect(nft.transaction().addElements(small, three).commit()).rejects.toMatchObject({
      code: 'ENFILE',
    });
    expect(await nft.listElements(small)).toEqual([]);
    await expect(
      nft
        .transaction()
        .addElements(devices, [{ key: mac(1), verdict: { kind: 'drop' } }])
        .commit(),
    ).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(nft.transaction().deleteSet(small).commit()).rejects.toMatchObject({ code: 'EBUSY' });
  });

  it('fails with EINVAL for a key of the wrong length and for a timeout that the set does not have', async () => {
    await expect(
      nft
        .transaction()
        .addElements(leases, [{ key: Buffer.alloc(5) }])
        .commit(),
    ).rejects.toMatchObject({ code: 'EINVAL', message: 'add element inet live/leases: EINVAL' });
    await expect(
      nft
        .transaction()
        .addElements(devices, [{ key: mac(1), verdict: goto('kid'), timeout: 5 }])
        .commit(),
    ).rejects.toMatchObject({ code: 'EINVAL' });
  });

  it('that is larger than the send buffer is not sent', async () => {
    const key = Buffer.alloc(4);
    const endless = function* () {
      for (let index = 0; index < nft.transactionLimit / 16; index++) yield { key };
    };
    const transaction = nft.transaction().addElements(leases, endless());
    expect(transaction.byteLength).toBeGreaterThan(nft.transactionLimit);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'EMSGSIZE', message: /wmem_max/ });
  });

  it('of thousands of refusals reports them all', async () => {
    const gone = { family: 'inet', name: 'gone' } as const;
    const transaction = nft.transaction();
    const messages = Math.floor(nft.transactionLimit / 1000);
    for (let index = 0; index < messages; index++)
      transaction.deleteChain({ table: gone, name: `c${index}` });
    const error: unknown = await transaction.commit().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ENOENT',
      message: /^delete chain inet gone\/c0: ENOENT; .*; and \d+ more$/,
    });
    expect(error instanceof NetlinkError && error.failures.length).toBe(messages);
  });

  it('of more refusals than the socket holds is ENOBUFS, and the next one is not', async () => {
    const gone = { family: 'inet', name: 'gone' } as const;
    const transaction = nft.transaction();
    for (let index = 0; index < nft.transactionLimit / 64; index++)
      transaction.deleteChain({ table: gone, name: 'c' });
    expect(transaction.byteLength).toBeLessThan(nft.transactionLimit);
    // One after another: the socket is not idle when the second is sent.
    const before = nft.transaction().addElements(leases, [{ key: mac(1) }]);
    const [first, second] = await Promise.allSettled([before.commit(), transaction.commit()]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'ENOBUFS' } });
    await nft
      .transaction()
      .addElements(leases, [{ key: mac(2) }])
      .commit();
    expect(keys(await nft.listElements(leases))).toHaveLength(2);
  });

  it('does not hold up the ones after it', async () => {
    const results = await Promise.allSettled([
      nft
        .transaction()
        .addElements(leases, [{ key: mac(1) }])
        .commit(),
      nft
        .transaction()
        .deleteElements(leases, [{ key: mac(9) }])
        .commit(),
      nft
        .transaction()
        .addElements(leases, [{ key: mac(2) }])
        .commit(),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(keys(await nft.listElements(leases))).toHaveLength(2);
  });

  it('of a process without the right to is EPERM', () => {
    const script = `import('node-nftables').then(async ({ Nftables }) => {
      await new Nftables().transaction().addTable({ family: 'ip', name: 'x' }).commit().catch((e) => console.log(e.message));
      process.exit();
    })`;
    const output = execFileSync('setpriv', [
      '--bounding-set=-net_admin',
      '--inh-caps=-net_admin',
      process.execPath,
      '--import',
      'tsx',
      '-e',
      script,
    ]);
    expect(output.toString()).toBe('commit: EPERM\n');
  });
});

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  accept,
  dataType,
  drop,
  type Expression,
  expr,
  hostU32,
  ipAddress,
  ipAddressText,
  Nftables,
  networkU16,
  register,
} from 'node-nftables';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PORT = 5300;
const table = { family: 'inet', name: 'live' } as const;
const input = { table, name: 'input', base: { type: 'filter', hook: 'input', priority: 0 } } as const;
const r = register;
const toPort = (port: number) => [
  expr.meta('l4proto', r(0)),
  expr.cmp(r(0), 'eq', Buffer.from([17])),
  expr.payload('transport', 2, 2, r(0)),
  expr.cmp(r(0), 'eq', networkU16(port)),
];
const ipv4Source = [
  expr.meta('nfproto', r(0)),
  expr.cmp(r(0), 'eq', Buffer.from([2])),
  expr.payload('network', 12, 4, r(0)),
];

let nft: Nftables;
beforeEach(async () => {
  nft = new Nftables();
  await nft.transaction().addTable(table).addChain(input).commit();
});
afterEach(() => {
  nft.close();
  execFileSync('nft', ['flush', 'ruleset']);
});

const addRule = (expressions: readonly Expression[]) =>
  nft.transaction().addRule({ chain: input, expressions }).commit();

/** Sends datagrams over loopback; resolves with what a server on `listen` got within a moment. */
async function exchange(source: string, messages: readonly string[], listen = PORT): Promise<string[]> {
  const server = createSocket('udp4').bind(listen);
  const client = createSocket('udp4').bind(0, source);
  await Promise.all([once(server, 'listening'), once(client, 'listening')]);
  const received: string[] = [];
  server.on('message', (message) => received.push(message.toString()));
  for (const message of messages) client.send(message, PORT, '127.0.0.1');
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.close();
  client.close();
  return received;
}

it('counts packets and bytes in a rule', async () => {
  await addRule([...toPort(PORT), expr.counter, expr.verdict(accept)]);
  expect(await exchange('127.0.0.1', ['one', 'two', 'three'])).toEqual(['one', 'two', 'three']);
  // 20 bytes of IPv4 header and 8 of UDP header each.
  expect((await nft.listRules(input))[0]?.counters).toEqual([{ packets: 3, bytes: 3 * 28 + 11 }]);
});

it('counts packets by source in the elements of a dynamic set', async () => {
  const usage = {
    table,
    name: 'usage',
    key: dataType.ipv4Addr,
    flags: ['dynamic'],
    counter: true,
    size: 16,
  } as const;
  await nft.transaction().addSet(usage).commit();
  await addRule([...toPort(PORT), ...ipv4Source, expr.dynset('add', r(0), usage.name, { counter: true })]);
  await exchange('127.0.0.2', ['1234']);
  await exchange('127.0.0.3', ['12', '12']);
  const elements = await nft.listElements(usage);
  expect(Object.fromEntries(elements.map(({ key, counters }) => [ipAddressText(key), counters]))).toEqual({
    '127.0.0.2': { packets: 1, bytes: 32 },
    '127.0.0.3': { packets: 2, bytes: 60 },
  });
});

it('adds elements with a timeout from the packet path, and drops by an inverted look-up', async () => {
  const seen = {
    table,
    name: 'seen',
    key: dataType.ipv4Addr,
    flags: ['dynamic', 'timeout'],
    size: 16,
  } as const;
  await nft.transaction().addSet(seen).commit();
  await addRule([
    ...toPort(PORT),
    ...ipv4Source,
    expr.lookup(r(0), seen.name, { inverted: true }),
    expr.verdict(drop),
  ]);
  expect(await exchange('127.0.0.2', ['lost'])).toEqual([]);
  await nft
    .transaction()
    .insertRule({
      chain: input,
      expressions: [
        ...toPort(PORT),
        ...ipv4Source,
        expr.dynset('update', r(0), seen.name, { timeout: 60_000 }),
      ],
    })
    .commit();
  expect(await exchange('127.0.0.2', ['found'])).toEqual(['found']);
  expect(await nft.listElements(seen)).toMatchObject([{ key: ipAddress('127.0.0.2'), timeout: 60_000 }]);
});

it('decides by maps, marks and masks', async () => {
  const marks = { table, name: 'marks', key: dataType.ipv4Addr, data: dataType.mark, size: 16 } as const;
  await nft
    .transaction()
    .addSet(marks)
    .addElements(marks, [
      { key: ipAddress('127.0.0.2'), data: hostU32(0b0110) },
      { key: ipAddress('127.0.0.3'), data: hostU32(0b1000) },
    ])
    .commit();
  await addRule([...ipv4Source, expr.lookupMap(r(0), marks.name, r(1)), expr.metaSet('priority', r(1))]);
  await addRule([
    ...toPort(PORT),
    expr.meta('priority', r(0)),
    expr.bitwise(r(0), r(0), hostU32(0b0100)),
    expr.cmp(r(0), 'neq', hostU32(0)),
    expr.verdict(drop),
  ]);
  expect(await exchange('127.0.0.2', ['no'])).toEqual([]);
  expect(await exchange('127.0.0.3', ['yes'])).toEqual(['yes']);
});

it('rewrites a port in the packet and keeps its checksum right', async () => {
  const prerouting = {
    table,
    name: 'pre',
    base: { type: 'filter', hook: 'prerouting', priority: -300 },
  } as const;
  await nft
    .transaction()
    .addChain(prerouting)
    .addRule({
      chain: prerouting,
      expressions: [
        ...toPort(PORT),
        expr.immediate(r(0), networkU16(5301)),
        expr.payloadSet('transport', 2, 2, r(0), 6),
      ],
    })
    .commit();
  expect(await exchange('127.0.0.2', ['moved'], 5301)).toEqual(['moved']);
});

it('redirects by NAT', async () => {
  const nat = { table, name: 'nat', base: { type: 'nat', hook: 'output', priority: -100 } } as const;
  await nft
    .transaction()
    .addChain(nat)
    .addRule({
      chain: nat,
      expressions: [...toPort(PORT), expr.immediate(r(0), networkU16(5302)), expr.redir(r(0))],
    })
    .commit();
  expect(await exchange('127.0.0.2', ['redirected'], 5302)).toEqual(['redirected']);
});

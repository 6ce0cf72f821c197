import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { ipAddressText, Nftables } from 'node-nftables';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyPolicy, type HeldPolicy } from '../../../daemon/src/enforce/held.ts';
import { findServices } from '../../../daemon/src/enforce/services-adopt.ts';
import { type WantedServices, writeServices } from '../../../daemon/src/enforce/services-changes.ts';
import { type HeldServices, newlyRefused, refusedOf } from '../../../daemon/src/enforce/services-held.ts';
import {
  ADDRESS_HOLDS,
  refusedAddresses,
  serviceAddresses,
  studyAddresses,
} from '../../../daemon/src/enforce/services-sets.ts';
import { STUDY } from '../../../daemon/src/layout.ts';
import { nothingOpen, type StudyOpenings } from '../../../daemon/src/services/study-addresses.ts';

const nft = new Nftables();
afterAll(() => nft.close());
beforeEach(() => void execFileSync('nft', ['flush', 'ruleset']));

const tablet = '02:00:00:00:00:01';
const phone = '02:00:00:00:00:02';

interface State {
  readonly addresses: ReadonlyMap<string, string>;
  readonly blocked: ReadonlyMap<string, readonly string[]>;
  readonly devices: ReadonlyMap<string, string>;
  readonly help?: readonly string[];
  readonly studying?: readonly string[];
  readonly study?: StudyOpenings;
}

function wantedOf({ addresses, blocked, study = nothingOpen }: State): WantedServices {
  const refused = new Map([...blocked].map(([id, services]) => [id, refusedOf(addresses, services)]));
  return { addresses, blocked, refused, study };
}

function policyOf({ devices, blocked, help = [], studying = [] }: State): HeldPolicy {
  return {
    ...emptyPolicy,
    devices,
    profiles: new Map([...blocked.keys()].map((id) => [id, studying.includes(id) ? STUDY : 0])),
    helpAddresses: help,
    lan: { ...emptyPolicy.lan, interfaces: ['br-lan'] },
  };
}

async function bring(before: HeldServices | undefined, state: State, uptime = 0): Promise<HeldServices> {
  const transaction = nft.transaction();
  const after = writeServices(transaction, before, wantedOf(state), policyOf(state), uptime);
  await transaction.commit();
  return after;
}

/** What the kernel holds, without times and in an order. */
async function inKernel() {
  const found = await findServices(nft, () => 0);
  return found && comparable(found);
}

function comparable({
  devices,
  addresses,
  refused,
  studying,
  open,
  narrow,
  helpAddresses,
  special,
  interfaces,
}: HeldServices) {
  const sorted = <T>(entries: Iterable<T>): T[] => [...entries].sort();
  const texts = (held: HeldServices['narrow']) => sorted([...held].map(([key, { text }]) => [key, text]));
  return {
    devices: sorted(devices),
    addresses: texts(addresses),
    studying: sorted(studying),
    open: sorted([...open].map(([id, each]) => [id, texts(each)])),
    narrow: texts(narrow),
    refused: sorted([...refused].map(([id, each]) => [id, sorted(each)])),
    helpAddresses: sorted(helpAddresses),
    special: sorted(special),
    interfaces,
  };
}

const address = fc.constantFrom(
  ...['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '2001:db8::1', '2001:db8::2', '2001:db8::3'],
);
const state: fc.Arbitrary<State> = fc
  .record({
    addresses: fc
      .array(fc.tuple(address, fc.constantFrom('tiktok', 'facebook', 'facebook,tiktok', 'tiktok*')))
      .map((entries) => new Map(entries)),
    blocked: fc
      .array(fc.tuple(fc.constantFrom('AN', 'BINH', 'CHI'), fc.subarray(['tiktok', 'facebook'])), {
        minLength: 1,
      })
      .map((entries) => new Map(entries)),
    help: fc.uniqueArray(address),
    devices: fc.constant(new Map()),
    studying: fc.subarray(['AN', 'BINH', 'CHI']),
    study: fc.record({
      open: fc
        .array(
          fc.tuple(
            fc.constantFrom('AN', 'BINH', 'CHI'),
            fc
              .array(fc.tuple(address, fc.constantFrom('hocmai.vn', 'www.google.com*')))
              .map((each) => new Map(each)),
          ),
        )
        .map((entries) => new Map(entries)),
      narrow: fc
        .array(fc.tuple(address, fc.constantFrom('tcp 80', 'udp 123')))
        .map((uses) => new Map(uses.map(([at, use]) => [`${at} ${use}`, 'ocsp.digicert.com']))),
    }),
  })
  .chain((each) =>
    fc
      .array(fc.tuple(fc.constantFrom(tablet, phone), fc.constantFrom(...each.blocked.keys())))
      .map((devices) => ({ ...each, devices: new Map(devices) })),
  );

test('whatever the table held, it holds what it shall, and the next run finds that', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(state, { minLength: 1, maxLength: 6 }), async (states) => {
      let held: HeldServices | undefined;
      for (const [index, each] of states.entries()) {
        held = await bring(held, each, index * (ADDRESS_HOLDS / 3));
        expect(await inKernel()).toEqual(comparable(held));
        expect([...held.addresses].map(([known, { text }]) => [known, text])).toEqual([...each.addresses]);
        expect(held.devices).toEqual(each.devices);
        const profiles = [...each.blocked.keys()];
        expect([...held.studying].sort()).toEqual(
          profiles.filter((id) => each.studying?.includes(id)).sort(),
        );
        for (const id of profiles) {
          expect([...(held.open.get(id)?.keys() ?? [])]).toEqual([
            ...(each.study?.open.get(id)?.keys() ?? []),
          ]);
        }
        expect([...held.narrow.keys()]).toEqual([...(each.study?.narrow.keys() ?? [])]);
      }
    }),
    { numRuns: 60 },
  );
});

describe('the time of an address', () => {
  const one: State = {
    addresses: new Map([['192.0.2.1', 'tiktok']]),
    blocked: new Map([['AN', ['tiktok']]]),
    devices: new Map([[tablet, 'AN']]),
  };
  const generation = async () => (await nft.generation()).id;

  test('is begun anew when half of it is over, wherever it is', async () => {
    const first = await bring(undefined, one);
    const before = await generation();
    const second = await bring(first, one, ADDRESS_HOLDS / 2 - 1);
    expect(await generation()).toBe(before);
    const third = await bring(second, one, ADDRESS_HOLDS / 2);
    expect(await generation()).toBe(before + 1);
    expect(third.addresses.get('192.0.2.1')?.until).toBe(ADDRESS_HOLDS * 1.5);
    for (const set of [serviceAddresses.ip, refusedAddresses('AN').ip]) {
      const [element] = await nft.listElements(set);
      expect(element && ipAddressText(element.key)).toBe('192.0.2.1');
      expect(element?.timeout).toBe(ADDRESS_HOLDS);
      expect(element?.expiration).toBeGreaterThan(ADDRESS_HOLDS - 60_000);
    }
  });

  test('may be over while nobody is there: nothing of it stays', async () => {
    await bring(undefined, one);
    for (const { table, name } of [serviceAddresses.ip, refusedAddresses('AN').ip]) {
      execFileSync('nft', ['flush', 'set', table.family, table.name, name]);
    }
    await bring(await findServices(nft, () => 0), { ...one, addresses: new Map([['192.0.2.2', 'tiktok']]) });
    expect((await inKernel())?.special).toEqual(['192.0.2.2']);
  });

  test('may be over before it is taken out', async () => {
    const held = await bring(undefined, one);
    for (const { table, name } of [serviceAddresses.ip, refusedAddresses('AN').ip]) {
      execFileSync('nft', ['flush', 'set', table.family, table.name, name]);
    }
    await bring(held, { ...one, addresses: new Map() });
    expect((await inKernel())?.addresses).toEqual([]);
  });
});

test('another layout is not taken up', async () => {
  await bring(undefined, { addresses: new Map(), blocked: new Map(), devices: new Map() });
  execFileSync('nft', ['flush', 'set', 'inet', 'khien_services', 'layout']);
  expect(await findServices(nft, () => 0)).toBeUndefined();
});

test('five thousand addresses fit, and change, in one transaction each', async () => {
  const many = (services: string[]): State => ({
    addresses: new Map(
      Array.from({ length: 5000 }, (_, n) => [
        `10.${n >> 8}.${n & 255}.1`,
        services[n % services.length] ?? '',
      ]),
    ),
    blocked: new Map(Array.from({ length: 10 }, (_, n) => [`P${n}`, services])),
    devices: new Map([[tablet, 'P0']]),
  });
  const first = await bring(undefined, many(['a', 'b']));
  expect(first.refused.get('P9')?.size).toBe(5000);
  const second = await bring(first, many(['a', 'c']));
  expect(await inKernel()).toEqual(comparable(second));
});

test('what is newly refused to a device', async () => {
  const base: State = {
    addresses: new Map([
      ['192.0.2.1', 'tiktok'],
      ['192.0.2.2', 'facebook'],
    ]),
    blocked: new Map([
      ['AN', ['tiktok']],
      ['BINH', []],
    ]),
    devices: new Map([
      [tablet, 'AN'],
      [phone, 'BINH'],
    ]),
  };
  const before = await bring(undefined, base);
  expect(newlyRefused(undefined, before)).toEqual(new Map([[tablet, ['192.0.2.1']]]));
  const blocked = new Map([
    ['AN', ['tiktok', 'facebook']],
    ['BINH', ['tiktok']],
  ]);
  expect(newlyRefused(before, await bring(before, { ...base, blocked }))).toEqual(
    new Map([
      [tablet, ['192.0.2.2']],
      [phone, ['192.0.2.1']],
    ]),
  );
});

describe('what is open in study mode', () => {
  const studies: State = {
    addresses: new Map(),
    blocked: new Map([['AN', []]]),
    devices: new Map([[tablet, 'AN']]),
    studying: ['AN'],
    study: { open: new Map([['AN', new Map([['192.0.2.1', 'hocmai.vn']])]]), narrow: new Map() },
  };

  test('is closed to who has it when the policy does not open it any more, not where all begins', async () => {
    const before = await bring(undefined, studies);
    expect(newlyRefused(undefined, before)).toEqual(new Map());
    const after = await bring(before, { ...studies, study: nothingOpen });
    expect(newlyRefused(before, after)).toEqual(new Map([[tablet, ['192.0.2.1']]]));
    const free = await bring(before, { ...studies, studying: [], study: nothingOpen });
    expect(newlyRefused(before, free)).toEqual(new Map());
  });

  test('is kept where the mode begins and ends', async () => {
    let held = await bring(undefined, { ...studies, studying: [] });
    for (const studying of [['AN'], []]) held = await bring(held, { ...studies, studying });
    expect(await inKernel()).toEqual(comparable(held));
    expect((await nft.listElements(studyAddresses('AN').ip)).map(({ key }) => ipAddressText(key))).toEqual([
      '192.0.2.1',
    ]);
  });
});

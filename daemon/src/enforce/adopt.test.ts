import { type ElementInfo, macAddress, type NamedSet } from 'node-nftables';
import { expect, it } from 'vitest';
import { leaseForAccess, portChain } from './access-table.ts';
import { findTables } from './adopt.ts';
import { writePolicy } from './diff.ts';
import { recorded } from './fixture/recorded-transaction.ts';
import { emptyPolicy, type HeldPolicy } from './held.ts';
import { lease, policyMarker } from './policy-table.ts';

const tablet = '02:00:00:00:00:01';
const phone = '02:00:00:00:00:02';
const laptop = '02:00:00:00:00:03';
const revision = Buffer.alloc(16, 7);
const now = 1000;

const wanted: HeldPolicy = {
  ...emptyPolicy,
  devices: new Map([
    [tablet, 'AN'],
    [phone, 'AN'],
  ]),
  profiles: new Map([['AN', 0]]),
  leases: new Map([
    [tablet, now + 60_000],
    [phone, now + 60_000],
  ]),
  lan: { ...emptyPolicy.lan, ports: ['lan1'] },
};

function element(key: Buffer, expiration?: number): ElementInfo {
  const none = { data: undefined, verdict: undefined, counters: undefined, comment: undefined };
  return { ...none, key, timeout: expiration, expiration };
}

/** Tables of that policy, with leases that end in a minute. */
function leftBehind(leases: { policy: readonly string[]; access: readonly string[] }) {
  const elementsOf = ({ table, name }: Pick<NamedSet, 'table' | 'name'>) => {
    const is = (set: NamedSet) => set.name === name && set.table.family === table.family;
    if (is(policyMarker)) return [element(revision)];
    const macs = is(lease) ? leases.policy : is(leaseForAccess) ? leases.access : [];
    return macs.map((mac) => element(macAddress(mac), 60_000));
  };
  return {
    listElements: (set: Pick<NamedSet, 'table' | 'name'>) => Promise.resolve(elementsOf(set)),
    listChains: () => {
      const { table, name } = portChain('lan1');
      return Promise.resolve([{ table, name, handle: 1, use: 0, base: undefined, comment: undefined }]);
    },
  };
}

/** What is done to the leases of the table of access when a former run's tables are adopted. */
async function changesOfAccess(leases: { policy: readonly string[]; access: readonly string[] }) {
  const found = await findTables(leftBehind(leases), wanted, revision, () => now);
  const before = found.policy;
  if (before === undefined) throw new Error('the tables are not adopted');
  return recorded((transaction) => void writePolicy(transaction, before, wanted, now)).flatMap(
    ({ method, given: [set, elements] }) =>
      set === leaseForAccess && Array.isArray(elements) && elements.length > 0
        ? [[method, ...elements.map(({ key }) => key.toString('hex').replace(/..(?=.)/g, '$&:'))]]
        : [],
  );
}

it('leases that both tables have are left alone', async () => {
  expect(await changesOfAccess({ policy: [tablet, phone], access: [tablet, phone] })).toEqual([]);
});

it.each([
  ['an unmanaged device has one for access alone', [tablet, phone], [tablet, phone, laptop]],
  ['an unmanaged device has one in both', [tablet, phone, laptop], [tablet, phone, laptop]],
  ['an unmanaged device has one that is not for access', [tablet, phone, laptop], [tablet, phone]],
])('what nobody shall have is taken away: %s', async (_, policy, access) => {
  expect(await changesOfAccess({ policy, access })).toEqual([['destroyElements', laptop]]);
});

it.each([
  ['access', [tablet, phone], [tablet]],
  ['the policy', [tablet], [tablet, phone]],
])('what is missing in the table of %s is written into both', async (_, policy, access) => {
  expect(await changesOfAccess({ policy, access })).toEqual([['renewElements', phone]]);
});

import type { Mac } from '@khien/shared/id';
import { beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { household, idOf } from '../enforce/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import { type BorrowedAddress, BorrowedAddresses } from './borrowed-addresses.ts';

const TABLET = '5a:00:00:00:00:01';
const PHONE = '5a:00:00:00:00:02';
const INVENTED = '66:00:00:00:00:01';
const LAPTOP = '3c:22:fb:10:20:30';
const { policy, contacts } = household({ children: { an: {} }, devices: { [TABLET]: 'an', [PHONE]: 'an' } });
const inForce = new InForce(policy, contacts);

let clock: ManualClock;
let owners: Map<string, Mac>;
let taken: BorrowedAddress[];
let verified: string[];
let impostors: unknown[];
let borrowed: BorrowedAddresses;

beforeEach(() => {
  clock = new ManualClock();
  owners = new Map([
    ['192.168.50.10', TABLET],
    ['192.168.50.20', LAPTOP],
  ]);
  taken = [];
  verified = [];
  impostors = [];
  borrowed = new BorrowedAddresses({
    clock,
    inForce: () => inForce,
    devices: {
      byAddress: (address) => owners.get(address),
      addressesOf: (mac) => [...owners].flatMap(([address, owner]) => (owner === mac ? [address] : [])),
    },
    take: () => Promise.resolve(taken.splice(0)),
    verify: (address) => verified.push(address),
    verifiedAfter: () => 60_000,
    impostor: (...told) => impostors.push(told),
  });
});

async function look(mac: Mac, seconds = 5) {
  taken.push({ mac, address: '192.168.50.10' });
  const told = await borrowed.attempts();
  clock.advance(seconds * 1000);
  return told;
}

it('tells of a device that sends by another MAC, when its address was verified', async () => {
  for (let looks = 0; looks < 12; looks++) expect(await look(INVENTED)).toEqual([]);
  expect(verified).toEqual(Array(12).fill('192.168.50.10'));
  expect(await look(INVENTED)).toEqual([{ mac: TABLET, method: 'other-mac', ago: 60_000 }]);
  expect(impostors).toEqual([[INVENTED, idOf(TABLET)]]);
  expect(await look(INVENTED)).toEqual([]);
});

it('takes no device for the child’s that has an address of its own', async () => {
  await look(LAPTOP, 60);
  expect(await look(LAPTOP)).toMatchObject([{ mac: TABLET }]);
  expect(impostors).toEqual([]);
});

it('says nothing of an address that has moved, or that nobody has any more', async () => {
  for (const owner of [LAPTOP, undefined]) {
    owners.set('192.168.50.10', TABLET);
    await look(LAPTOP, 30);
    if (owner === undefined) owners.delete('192.168.50.10');
    else owners.set('192.168.50.10', owner);
    clock.advance(30_000);
    expect(await borrowed.attempts()).toEqual([]);
  }
});

it('says nothing of one child’s device under another', async () => {
  await look(PHONE, 60);
  expect(await borrowed.attempts()).toEqual([]);
});

it('is bounded', async () => {
  for (let n = 0; n < 5000; n++) taken.push({ mac: INVENTED, address: `2001:db8::${n.toString(16)}` });
  await borrowed.attempts();
  expect(verified).toHaveLength(256);
});

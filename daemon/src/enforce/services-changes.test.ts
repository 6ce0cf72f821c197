import { ipAddress } from 'node-nftables';
import { expect, it } from 'vitest';
import { nothingOpen } from '../services/study-addresses.ts';
import { recorded } from './fixture/recorded-transaction.ts';
import { emptyPolicy } from './held.ts';
import { writeServices } from './services-changes.ts';
import { specialAddresses } from './services-sets.ts';

it('whatever is refused, of a service or of help is looked at: all else is let through without', () => {
  const wanted = {
    addresses: new Map([['192.0.2.1', 'tiktok']]),
    blocked: new Map(),
    refused: new Map([['AN', new Set(['192.0.2.1', '192.0.2.2', '2001:db8::2'])]]),
    study: nothingOpen,
  };
  const policy = { ...emptyPolicy, profiles: new Map([['AN', 0]]), helpAddresses: ['192.0.2.3'] };
  const special = recorded((transaction) => void writeServices(transaction, undefined, wanted, policy, 0))
    .filter(({ method }) => method === 'addElements')
    .flatMap(({ given: [set, elements] }) =>
      Object.values(specialAddresses).some((each) => each === set) && Array.isArray(elements) ? elements : [],
    );
  const expected = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::2'];
  expect(special.map(({ key }) => key.toString('hex')).sort()).toEqual(
    expected.map((address) => ipAddress(address).toString('hex')).sort(),
  );
});

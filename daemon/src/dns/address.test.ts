import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressBytes, plainAddress } from './address.ts';

test('plainAddress drops zone and mapping', () => {
  expect(plainAddress('192.168.1.5')).toBe('192.168.1.5');
  expect(plainAddress('::ffff:192.168.1.5')).toBe('192.168.1.5');
  expect(plainAddress('fe80::1%br-lan')).toBe('fe80::1');
  expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
  expect(plainAddress('::ffff:c0a8:105')).toBe('::ffff:c0a8:105');
});

test('addressBytes reads every form that sockets write', () => {
  expect([...addressBytes('192.168.1.5')]).toEqual([192, 168, 1, 5]);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const groups = (Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':');
      const { address } = new SocketAddress({ address: groups, family: 'ipv6' });
      // The form with an IPv4 tail stands for mapped addresses only, which `plainAddress` turns into IPv4.
      fc.pre(!address.includes('.'));
      expect([...addressBytes(address)]).toEqual([...bytes]);
      expect([...addressBytes(`${address}%br-lan`)]).toEqual([...bytes]);
    }),
  );
  expect(addressBytes('::')).toEqual(Buffer.alloc(16));
});

import { isIP, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hostU32,
  interfaceName,
  ipAddress,
  ipAddressText,
  macAddress,
  macAddressText,
  networkU16,
} from './address.ts';

const refused = expect.objectContaining({ code: 'EINVAL' });

describe('addresses', () => {
  it('of every kind come back as they were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        for (const length of [4, 16]) {
          const address = Buffer.from(bytes.subarray(0, length));
          expect(isIP(ipAddressText(address))).toBe(length === 4 ? 4 : 6);
          expect(ipAddress(ipAddressText(address))).toEqual(address);
        }
        const mac = Buffer.from(bytes.subarray(0, 6));
        expect(macAddress(macAddressText(mac))).toEqual(mac);
      }),
    );
  });

  it('of IPv6 are read in every notation', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        // The URL parser has an implementation of its own.
        const expected = new URL(`http://[${text}]/`).hostname.slice(1, -1);
        expect(ipAddressText(ipAddress(text))).toBe(expected);
      }),
    );
    for (const [text, hex] of [
      ['::', '0'.repeat(32)],
      ['::1', `${'0'.repeat(31)}1`],
      ['1::', `0001${'0'.repeat(28)}`],
      ['2001:DB8::a:0:0:1', '20010db800000000000a000000000001'],
      ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
      ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
      ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ] as const) {
      expect(isIPv6(text)).toBe(true);
      expect(ipAddress(text).toString('hex')).toBe(hex);
    }
  });

  it('of IPv6 are written as RFC 5952 says', () => {
    for (const text of [
      '::',
      '::1',
      '1::',
      '2001:db8::1',
      '2001:db8:0:1:1:1:1:1',
      '2001:0:0:1::1',
      'fe80::1:0:0:1',
    ]) {
      expect(ipAddressText(ipAddress(text))).toBe(text);
    }
    expect(ipAddressText(ipAddress('2001:db8:0:0:1:0:0:1'))).toBe('2001:db8::1:0:0:1');
  });

  it('that are none are refused', () => {
    for (const text of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'fe80::1%eth0', ':::', '1.2.3.4/24']) {
      expect(() => ipAddress(text)).toThrow(refused);
    }
    for (const text of [
      '',
      '02:00:00:00:00',
      '02:00:00:00:00:00:00',
      '02-00-00-00-00-01',
      '0g:00:00:00:00:01',
    ]) {
      expect(() => macAddress(text)).toThrow(refused);
    }
    expect(() => ipAddressText(Buffer.alloc(5))).toThrow(refused);
  });
});

it('interface names are padded to the register, and refused when they do not fit', () => {
  expect(interfaceName('br-lan')).toEqual(Buffer.from('br-lan'.padEnd(16, '\0')));
  for (const name of ['', 'x'.repeat(16), 'a\0b']) expect(() => interfaceName(name)).toThrow(refused);
});

it('numbers have the byte order of their register', () => {
  expect(hostU32(0x8000_0001).toString('hex')).toBe('01000080');
  expect(networkU16(53).toString('hex')).toBe('0035');
});

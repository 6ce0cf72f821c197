import { isIPv4, isIPv6 } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bypassAddresses } from './bypass.ts';
import addresses from './bypass-addresses.json' with { type: 'json' };

const all = bypassAddresses.flatMap((each) => each.addresses);
const single = all.filter((address) => !address.includes('/'));
const networks = all.filter((address) => address.includes('/'));

/** An IPv6 address, or the address of a network, as the URL parser writes it (RFC 5952). */
const canonical = (address: string) =>
  isIPv4(address) ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);

describe('addresses of ways round the rules', () => {
  test('are of a known method each, and named', () => {
    for (const { method, provider } of addresses) {
      expect(['doh', 'vpn', 'tor'], provider).toContain(method);
      expect(provider).not.toBe('');
    }
    expect(new Set(addresses.map(({ provider }) => provider)).size).toBe(addresses.length);
  });

  test('are addresses in their usual form, each once', () => {
    expect(all.length).toBeGreaterThan(200);
    expect(new Set(all).size).toBe(all.length);
    expect(single.filter((address) => !isIPv4(address) && !isIPv6(address))).toEqual([]);
    expect(single.filter((address) => canonical(address) !== address)).toEqual([]);
  });

  test('with networks as wide as the kernel looks them up: /24 and /48', () => {
    for (const network of networks) {
      const [address = '', bits] = network.split('/');
      expect(bits, network).toBe(isIPv4(address) ? '24' : '48');
      expect(canonical(address)).toBe(address);
      if (isIPv4(address)) expect(address).toMatch(/\.0$/);
      else expect(address).toMatch(/^[0-9a-f]+:[0-9a-f]+:([0-9a-f]+:)?:$/);
    }
  });

  test('are on the Internet, and are no address of a home or of a test network', () => {
    const special =
      /^(0|10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168|192\.0\.[02]|198\.51\.100|203\.0\.113|22[4-9]|2[3-5]\d)\./;
    expect(all.filter((address) => special.test(address))).toEqual([]);
    expect(all.filter((address) => address.includes(':') && !/^2/.test(address))).toEqual([]);
    expect(all.filter((address) => address.startsWith('2001:db8:'))).toEqual([]);
  });
});

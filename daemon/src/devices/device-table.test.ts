import { describe, expect, it } from 'vitest';
import { DeviceTable } from './device-table.ts';
import { parseDhcpLeases } from './dhcp-leases.ts';

const tablet = '02:00:00:00:00:01';
const laptop = '3c:22:fb:10:20:30';
const now = Date.UTC(2026, 10, 21);

describe('the device table', () => {
  it('knows a device by each of its addresses, newest owner first', () => {
    const table = new DeviceTable();
    expect(table.seen(tablet, '192.168.50.10', now)).toBe('new');
    expect(table.seen(tablet, '192.168.50.10', now)).toBe('same');
    expect(table.seen(tablet, 'fd50::10', now)).toBe('changed');
    expect(table.ownerOf('fd50::10')).toBe(tablet);
    table.seen(laptop, '192.168.50.10', now + 1);
    expect(table.ownerOf('192.168.50.10')).toBe(laptop);
    expect(table.addressesOf(tablet)).toEqual(['fd50::10']);
    table.forget('fd50::10');
    expect(table.ownerOf('fd50::10')).toBeUndefined();
  });

  it('takes names from DHCP, and does not let a stale lease take an address from its owner', () => {
    const table = new DeviceTable();
    table.seen(laptop, '192.168.50.10', now);
    const leases = parseDhcpLeases(`1790000000 ${tablet} 192.168.50.10 An-iPad *\n`);
    expect(table.leased(leases, now)).toEqual([tablet]);
    expect(table.leased(leases, now)).toEqual([]);
    expect(table.hostnameOf(tablet)).toBe('An-iPad');
    expect(table.ownerOf('192.168.50.10')).toBe(laptop);
  });

  it('knows a device that is only heard, and drops such ones first', () => {
    const table = new DeviceTable();
    table.seen(tablet, '192.168.50.10', now);
    expect(table.heardOnly(laptop, now)).toBe(true);
    expect(table.heardOnly(laptop, now)).toBe(false);
    expect(table.list(now + 1)[1]).toMatchObject({ mac: laptop, addresses: [], present: true });
    for (let n = 0; n < 1000; n++) {
      const [high, low] = [n >> 8, n & 255].map((byte) => byte.toString(16).padStart(2, '0'));
      table.heardOnly(`66:00:00:00:${high}:${low}`, now + n);
    }
    expect(table.list(now + 1)).toHaveLength(512);
    expect(table.isKnown(laptop)).toBe(false);
    expect(table.isKnown(tablet)).toBe(true);
  });

  it('calls a device away that nobody has confirmed for ten minutes', () => {
    const table = new DeviceTable();
    table.seen(tablet, '192.168.50.10', now);
    expect(table.list(now + 9 * 60_000)[0]?.present).toBe(true);
    expect(table.list(now + 11 * 60_000)[0]?.present).toBe(false);
    expect(table.seen(tablet, '192.168.50.10', now + 11 * 60_000)).toBe('changed');
  });

  it('stays bounded when a device makes up addresses', () => {
    const table = new DeviceTable();
    for (let n = 0; n < 5000; n += 1) {
      const hex = n.toString(16).padStart(4, '0');
      table.seen(`06:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`, `10.0.${n >> 8}.${n & 255}`, now + n);
      table.seen(tablet, `fd50::${hex}`, now + n);
    }
    expect(table.list(now + 5000).length).toBeLessThanOrEqual(512);
    expect(table.addressesOf(tablet).length).toBeLessThanOrEqual(2048);
    expect(table.list(now + 5000).find(({ mac }) => mac === tablet)?.addresses).toHaveLength(16);
    expect(table.ownerOf('fd50::0000')).toBeUndefined();
  });

  it('knows whose each of many addresses is, and takes none from a device that has few', () => {
    const table = new DeviceTable();
    table.seen(laptop, '192.168.50.11', now);
    for (let n = 0; n < 3000; n += 1) table.seen(tablet, `fd50::${n.toString(16)}`, now + n);
    expect(table.ownerOf('192.168.50.11')).toBe(laptop);
    expect(table.ownerOf(`fd50::${(1500).toString(16)}`)).toBe(tablet);
    expect(table.addressesOf(tablet)).toHaveLength(2047);
  });
});

describe("dnsmasq's lease file", () => {
  it('is read line by line, and lines of another form are passed over', () => {
    const text = [
      '1790000000 3C:22:FB:10:20:30 192.168.50.20 laptop 01:3c',
      `1790000000 ${tablet} 192.168.50.10 * *`,
      'duid 00:01:00:01',
      '1790000000 123456 fd50::99 tablet 00:01',
      'garbage',
      `x ${tablet} 192.168.50.10 name *`,
      `1790000000 ${tablet} not-an-address name *`,
      '',
    ].join('\n');
    expect(parseDhcpLeases(text)).toEqual([
      { mac: laptop, address: '192.168.50.20', hostname: 'laptop' },
      { mac: tablet, address: '192.168.50.10', hostname: null },
    ]);
  });

  it('cannot be used to smuggle control characters or long names', () => {
    const [lease] = parseDhcpLeases(`1 ${tablet} 192.168.50.10 \u0007evil\u001b[31m${'x'.repeat(300)} *`);
    expect(lease?.hostname).toBe(`evil[31m${'x'.repeat(55)}`);
  });
});

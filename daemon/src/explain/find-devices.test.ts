import { defaultContacts } from '@khien/shared/contact';
import type { Mac } from '@khien/shared/id';
import { describe, expect, it } from 'vitest';
import type { LanDevices } from '../devices/lan-devices.ts';
import { AN, BINH, GUEST_MAC, policy } from '../dns/fixture/household.ts';
import { InForce } from '../policy/in-force.ts';
import { findDevices } from './find-devices.ts';

/** The LAN as the neighbour table shows it. */
function lanOf(devices: Record<Mac, { hostname?: string; addresses: string[] }>): LanDevices {
  const list = Object.entries(devices).map(([mac, { hostname = null, addresses }]) => ({
    mac,
    hostname,
    addresses,
    present: true,
    lastSeenAt: 0,
    fingerprint: null,
  }));
  return {
    list: () => list,
    byAddress: (address) => list.find(({ addresses }) => addresses.includes(address))?.mac,
    addressesOf: (mac) => list.find((device) => device.mac === mac)?.addresses ?? [],
    onChange: () => () => undefined,
  };
}

const lan = lanOf({
  [AN.mac]: { hostname: 'Galaxy-Tab', addresses: ['192.168.1.10', 'fd00::a'] },
  [BINH.mac]: { addresses: ['192.168.1.11'] },
  [GUEST_MAC]: { hostname: 'Printer', addresses: ['192.168.1.12'] },
});
const home = new InForce(policy(), defaultContacts);
const find = (text?: string, inForce = home) =>
  findDevices(text, inForce, lan).map(({ macs }) => macs.join());

/** The household with other names, and more devices. */
function renamed(change: (body: ReturnType<typeof policy>) => void): InForce {
  const body = policy();
  change(body);
  return new InForce(body, defaultContacts);
}

describe('a device to explain', () => {
  it.each([
    ['a MAC', AN.mac],
    ['a MAC as Windows writes it', '02-00-00-00-00-0A'],
    ['an IPv4 address', '192.168.1.10'],
    ['an IPv6 address', 'FD00::A'],
    ['an IPv4 address in IPv6', '::ffff:192.168.1.10'],
    ['its name', 'Máy tính bảng'],
    ['its name in other letters', ' MÁY TÍNH BẢNG '],
    ['its name in decomposed letters', 'Máy tính bảng'.normalize('NFD')],
    ['its name without accents', 'may tinh bang'],
    ['what it calls itself', 'galaxy-tab'],
    ["its child's name", 'an'],
  ])('is found by %s', (_, text) => {
    expect(find(text)).toEqual([AN.mac]);
  });

  it('is every managed one where none is named', () => {
    expect(find()).toEqual([AN.mac, BINH.mac]);
  });

  it('may be one that nobody manages', () => {
    for (const text of [GUEST_MAC, '192.168.1.12', 'printer']) {
      expect(findDevices(text, home, lan)).toEqual([
        { name: 'Printer', child: undefined, macs: [GUEST_MAC] },
      ]);
    }
  });

  it('is each of a child’s devices, by the child’s name', () => {
    const two = renamed(({ devices }) => {
      devices.push({
        id: GUEST_MAC,
        name: 'Điện thoại',
        profile: AN.profile,
        macs: [GUEST_MAC],
        pause: null,
      });
    });
    expect(find('An', two)).toEqual([AN.mac, GUEST_MAC]);
    expect(find('dien thoai', two)).toEqual([GUEST_MAC]);
  });

  it('is only the address that was asked for, of a device with several', () => {
    const several = renamed(({ devices }) => devices[0]?.macs.push(GUEST_MAC));
    expect(find('192.168.1.12', several)).toEqual([GUEST_MAC]);
    expect(find('an', several)).toEqual([`${AN.mac},${GUEST_MAC}`]);
  });

  it('is the same one, where child and device have one name', () => {
    const same = renamed(({ devices }) => {
      for (const device of devices) if (device.profile === AN.profile) device.name = 'AN';
    });
    expect(find('an', same)).toEqual([AN.mac]);
  });

  it('is the one with the exact accents, where others have none or others', () => {
    const alike = renamed(({ profiles }) => {
      for (const child of profiles) child.name = child.id === AN.profile ? 'Bính' : 'Bình';
    });
    expect(find('bình', alike)).toEqual([BINH.mac]);
    expect(() => find('binh', alike)).toThrow(expect.objectContaining({ code: 'AMBIGUOUS_DEVICE' }));
  });
});

describe('a device that cannot be told', () => {
  it('is answered with all that there are', () => {
    const refusal = expect.objectContaining({
      code: 'NO_SUCH_DEVICE',
      message: [
        'no device and no child is called xbox; there are:',
        `  Máy tính bảng (An)  ${AN.mac} 192.168.1.10`,
        `  Laptop (Bình)  ${BINH.mac} 192.168.1.11`,
        `  Printer (not managed)  ${GUEST_MAC} 192.168.1.12`,
      ].join('\n'),
    });
    expect(() => find('xbox')).toThrow(refusal);
  });

  it.each(['02:00:00:00:00:ff', '192.168.1.99', '999.1.1.1', '::', ''])('is refused: %j', (text) => {
    expect(() => find(text)).toThrow(expect.objectContaining({ code: 'NO_SUCH_DEVICE' }));
  });

  it('is answered with those that it may be', () => {
    const twins = renamed(({ devices }) => {
      for (const device of devices) device.name = 'Laptop';
    });
    const lines = [`  Laptop (An)  ${AN.mac} 192.168.1.10`, `  Laptop (Bình)  ${BINH.mac} 192.168.1.11`];
    const message = ['laptop may be several; ask by MAC address; there are:', ...lines].join('\n');
    expect(() => find('laptop', twins)).toThrow(
      expect.objectContaining({ code: 'AMBIGUOUS_DEVICE', message }),
    );
  });

  it('is a child without one', () => {
    const without = renamed((body) => body.devices.shift());
    expect(() => find('An', without)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^An has no device; there are:/) }),
    );
  });

  it('is anything in a home where nothing is known', () => {
    const nobody = new InForce({ ...policy(), devices: [], profiles: [] }, []);
    expect(() => findDevices('an', nobody, lanOf({}))).toThrow(/no device is known/);
    expect(findDevices(undefined, nobody, lanOf({}))).toEqual([]);
  });

  it('does not flood the terminal', () => {
    const many = lanOf(
      Object.fromEntries(
        Array.from({ length: 100 }, (_, index) => [
          `02:00:00:00:01:${(index + 16).toString(16)}`,
          { addresses: [] },
        ]),
      ),
    );
    try {
      findDevices('xbox', home, many);
      expect.unreachable();
    } catch (error) {
      const lines = String(error).split('\n');
      expect(lines).toHaveLength(42);
      expect(lines.at(-1)).toBe('  and 62 more');
    }
  });
});

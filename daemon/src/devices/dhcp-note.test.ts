import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintOf, readDhcpNote } from './dhcp-note.ts';

const mac = '5a:3e:91:7c:20:03';

it('is the same for one system whatever its version, and another for another', () => {
  const android = fingerprintOf('1,3,6,15,26', 'android-dhcp-13');
  expect(android).toMatch(/^[0-9a-f]{16}$/);
  expect(fingerprintOf('1,3,6,15,26', 'android-dhcp-14')).toBe(android);
  expect(fingerprintOf('1,3,6,26,15', 'android-dhcp-13')).not.toBe(android);
  expect(fingerprintOf('1,3,6,15,26', 'MSFT 5.0')).not.toBe(android);
  const dhcpcd = fingerprintOf('1,3', 'dhcpcd-9.4.1:Linux-5.10.103:armv7l:BCM2835');
  expect(fingerprintOf('1,3', 'dhcpcd-10.0.6:Linux-6.6.20:armv7l:BCM2835')).toBe(dhcpcd);
});

it('is none where too little is told', () => {
  expect(fingerprintOf('', '')).toBeNull();
  expect(fingerprintOf('; rm -rf /', '')).toBeNull();
});

it('reads the three lines of a note', () => {
  expect(readDhcpNote(mac, '1,3,6\nandroid-dhcp-13\nmay-cua-An\n')).toEqual({
    mac,
    hostname: 'may-cua-An',
    fingerprint: fingerprintOf('1,3,6', 'android-dhcp-13'),
  });
  expect(readDhcpNote(mac, '1,3,6\n\n\n')).toMatchObject({ hostname: null });
  expect(readDhcpNote('.new', '1,3,6\n\n\n')).toBeUndefined();
});

it('takes whatever a device may send', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
      const note = readDhcpNote(mac, text);
      const name = note?.hostname ?? '';
      expect(name.length).toBeLessThanOrEqual(63);
      expect([...name].every((character) => character >= ' ' && character !== '\u007f')).toBe(true);
      expect(note?.fingerprint ?? 'aaaaaaaa').toMatch(/^[0-9a-f]{8,32}$/);
    }),
  );
});

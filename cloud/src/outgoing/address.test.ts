import { expect, test } from 'vitest';
import { isOutsideUrl, isPublicAddress, resolvePublic } from './address.ts';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'fd12::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  'push.example.vn',
  '',
])('%s is not on the Internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '142.250.1.1', '172.15.0.1', '172.32.0.1', '2404:6800:4005::1', '2a00:1450::8'])(
  '%s is',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test('the push services of browsers are taken', () => {
  for (const endpoint of [
    'https://fcm.googleapis.com/fcm/send/abc:def',
    'https://updates.push.services.mozilla.com/wpush/v2/gAAA',
    'https://web.push.apple.com/QGuQ',
    'https://wns2-par02p.notify.windows.com/w/?token=BQ',
  ]) {
    expect(isOutsideUrl(endpoint)).toBe(true);
  }
});

test('a name that leads inside is refused when it is looked up', async () => {
  await expect(resolvePublic('localhost')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
});

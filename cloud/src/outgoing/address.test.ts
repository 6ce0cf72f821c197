import { lookup } from 'node:dns/promises';
import { hash } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { isOutsideUrl, isPublicAddress, publicResolver } from './address.ts';
import { NameServer } from './name-server.fixture.ts';
import { outsidePost } from './post.ts';

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

test('a name that leads inside is refused when it is looked up, one that leads outside is not', async () => {
  const [inside, outside] = [await NameServer.start('10.0.0.7'), await NameServer.start('8.8.8.8')];
  const { signal } = new AbortController();
  const refused = publicResolver([inside.address])('hook.example.com', signal);
  await expect(refused).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  const found = await publicResolver([outside.address])('hook.example.com', signal);
  expect(found).toEqual({ addresses: ['8.8.8.8'], port: 443 });
  await Promise.all([inside.stop(), outside.stop()]);
});

test('of many addresses two are tried, and one inside is enough to refuse all', async () => {
  const many = await NameServer.start('8.8.8.8', '8.8.4.4', '9.9.9.9');
  const oneInside = await NameServer.start('8.8.8.8', '8.8.4.4', '10.0.0.7');
  const { signal } = new AbortController();
  const { addresses } = await publicResolver([many.address])('hook.example.com', signal);
  expect(addresses).toHaveLength(2);
  const refused = publicResolver([oneInside.address])('hook.example.com', signal);
  await expect(refused).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  await Promise.all([many.stop(), oneInside.stop()]);
});

test('names that nobody answers for are given up in time, and keep no other name waiting', async () => {
  const silent = await NameServer.start();
  const resolve = publicResolver([silent.address]);
  const slow = Array.from({ length: 16 }, (_, n) =>
    resolve(`host${n}.example.com`, AbortSignal.timeout(500)),
  );
  const start = performance.now();
  const given = Promise.allSettled(slow);
  await lookup('localhost');
  await expect(hash('a password')).resolves.toContain('argon2id');
  const answers = await given;
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(answers.map((one) => one.status === 'rejected' && one.reason.name)).toEqual(
    Array(16).fill('TimeoutError'),
  );
  await silent.stop();
});

test('what is sent is given up with the name that it waits for', async () => {
  const silent = await NameServer.start();
  const signals: AbortSignal[] = [];
  const post = outsidePost((host, signal) => {
    signals.push(signal);
    return publicResolver([silent.address])(host, AbortSignal.any([signal, AbortSignal.timeout(200)]));
  });
  await expect(post(new URL('https://hook.example.com/'), {}, '')).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  expect(signals).toHaveLength(1);
  await silent.stop();
});

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { subjectPublicKeyInfo } from './peer.ts';

test('a point of P-256 becomes the key that OpenSSL writes, compressed or not', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const whole = publicKey.export({ type: 'spki', format: 'der' });
  const point = whole.subarray(-65);
  expect(subjectPublicKeyInfo(point)).toEqual(whole);

  const compressed = Buffer.concat([Buffer.from([2 + ((point.at(-1) ?? 0) & 1)]), point.subarray(1, 33)]);
  const read = createPublicKey({ key: subjectPublicKeyInfo(compressed), format: 'der', type: 'spki' });
  expect(read.export({ format: 'jwk' })).toEqual(publicKey.export({ format: 'jwk' }));
});

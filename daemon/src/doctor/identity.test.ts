import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import type { Identity } from '@khien/shared/enrolment';
import { KhienError } from '@khien/shared/error';
import { expect, it } from 'vitest';
import { CERTIFICATE, PRIVATE_KEY } from './fixture/certificate.ts';
import { checkIdentity } from './identity.ts';

const identity: Identity = {
  router: '01M7ZYK4WAJ8T8QMCM85XMRJEX',
  certificate: CERTIFICATE,
  authority: CERTIFICATE,
  mqttUrl: 'mqtts://khien.example:8883',
  documentKeys: [{ id: 'one', key: 'AAAA' }],
};
const { validFrom, validTo } = new X509Certificate(CERTIFICATE);
const valid = Date.parse(validFrom) + 1000;
const load = () => Promise.resolve(identity);
const readKey = () => Promise.resolve(createPrivateKey(PRIVATE_KEY));

it('is told with the end of its certificate, and without any key', async () => {
  const finding = await checkIdentity(load, readKey, valid);
  expect(finding.state).toBe('ok');
  expect(finding.found).toBe(
    `router ${identity.router}, certificate until ${new Date(validTo).toISOString().slice(0, 10)}`,
  );
});

it.each([
  ['nobody has claimed the router', () => Promise.resolve(undefined), readKey, valid, /not enrolled/],
  [
    'the file is damaged',
    () => Promise.reject(new KhienError('IDENTITY_DAMAGED', 'it is damaged')),
    readKey,
    valid,
    /IDENTITY_DAMAGED/,
  ],
  [
    'the certificate is none',
    () => Promise.resolve({ ...identity, certificate: 'x' }),
    readKey,
    valid,
    /damaged/,
  ],
  ['it has expired', load, readKey, Date.parse(validTo) + 1000, /expired/],
  ['it is not valid yet', load, readKey, Date.parse(validFrom) - 1000, /not valid before/],
  ['the key is gone', load, () => Promise.resolve(undefined), valid, /not of this router's key/],
  [
    'the key is another',
    load,
    () => Promise.resolve(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
    valid,
    /not of this router's key/,
  ],
  ['the key is damaged', load, () => Promise.resolve(createPrivateKey('x')), valid, /damaged/],
])('is a problem where %s', async (_, loading, reading, now, found) => {
  const finding = await checkIdentity(loading, async () => await reading(), now);
  expect(finding).toMatchObject({ state: 'problem', found: expect.stringMatching(found) });
  expect(finding.todo).toBeTruthy();
});

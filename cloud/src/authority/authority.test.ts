import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../store/open.ts';
import { Authority } from './authority.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const DAY = 24 * 3600 * 1000;

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khien-authority-'));
  store = await openStore(join(folder, 'khien.sqlite'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function routerKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64url');
}

test('two starts at once, and every later one, have the same authority', async () => {
  const [one, two] = await Promise.all([Authority.open(store.db), Authority.open(store.db)]);
  expect(one.certificate).toBe(two.certificate);
  expect((await Authority.open(store.db)).certificate).toBe(one.certificate);
  const root = new X509Certificate(one.certificate);
  expect(root.ca).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
});

test('a router certificate binds the id to its key, for client authentication only', async () => {
  const authority = await Authority.open(store.db, () => NOW);
  const router = newId();
  const publicKey = routerKey();
  const certificate = new X509Certificate(await authority.issueRouterCertificate(router, publicKey));
  const root = new X509Certificate(authority.certificate);

  expect(certificate.subject).toBe(`CN=${router}`);
  expect(certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url')).toBe(publicKey);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkIssued(root) && certificate.verify(root.publicKey)).toBe(true);
});

test('a certificate is renewed in the last third of its life, and not all on one day', async () => {
  const authority = await Authority.open(store.db, () => NOW);
  const days = (random: number) => (authority.renewAt(() => random) - NOW) / DAY;
  expect(days(0)).toBeGreaterThan(240);
  expect(days(1) - days(0)).toBeGreaterThan(29);
  expect(days(1)).toBeLessThan(280);
});

test('what a certificate of ours says is read, also when it has expired; of another authority, or none, nothing is', async () => {
  const authority = await Authority.open(store.db, () => NOW - 1000 * DAY);
  const router = newId();
  const publicKey = routerKey();
  const certificate = await authority.issueRouterCertificate(router, publicKey);
  const read = authority.readRouterCertificate(certificate);
  expect(read).toMatchObject({ router, publicKey });
  expect(read?.expiresAt).toBeLessThan(NOW);

  await store.db.deleteFrom('secret').execute();
  const other = await Authority.open(store.db, () => NOW);
  expect(other.readRouterCertificate(certificate)).toBeUndefined();
  expect(authority.readRouterCertificate('no certificate')).toBeUndefined();
  const server = await authority.serverCertificate(['localhost']);
  expect(authority.readRouterCertificate(server.certificate)).toBeUndefined();
});

test('a certificate is valid for a router whose clock stands at 1970, and for a year', async () => {
  const authority = await Authority.open(store.db, () => NOW);
  const certificate = new X509Certificate(await authority.issueRouterCertificate(newId(), routerKey()));
  expect(Date.parse(certificate.validFrom)).toBe(0);
  expect(Date.parse(certificate.validTo) - NOW).toBeGreaterThan(365 * DAY);
  const server = new X509Certificate((await authority.serverCertificate(['localhost'])).certificate);
  expect(Date.parse(server.validFrom)).toBe(0);
  expect(Date.parse(new X509Certificate(authority.certificate).validFrom)).toBe(0);
});

test('serial numbers differ and are positive', async () => {
  const authority = await Authority.open(store.db);
  const serials = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const certificate = await authority.issueRouterCertificate(newId(), routerKey());
      return new X509Certificate(certificate).serialNumber;
    }),
  );
  expect(new Set(serials).size).toBe(20);
  expect(serials.every((serial) => /^[4-7][0-9A-F]{31}$/.test(serial))).toBe(true);
});

test('a server certificate names hosts and addresses and fits its key', async () => {
  const authority = await Authority.open(store.db);
  const server = await authority.serverCertificate(['edge.example.vn', '127.0.0.1', '::1']);
  const certificate = new X509Certificate(server.certificate);
  expect(certificate.checkHost('edge.example.vn')).toBe('edge.example.vn');
  expect(certificate.checkHost('other.example.vn')).toBeUndefined();
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkIP('::1')).toBe('::1');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.checkPrivateKey(createPrivateKey(server.privateKey))).toBe(true);
});

test('the server certificate stays until half a year before its end or a change of hosts', async () => {
  let now = NOW;
  const authority = await Authority.open(store.db, () => now);
  const first = await authority.serverCertificate(['a.example', 'b.example']);
  now += 500 * DAY;
  expect(await authority.serverCertificate(['b.example', 'a.example'])).toBe(first);
  expect(await authority.serverCertificate(['a.example'])).not.toBe(first);

  const second = await authority.serverCertificate(['a.example']);
  now += 600 * DAY;
  const renewed = await authority.serverCertificate(['a.example']);
  expect(renewed.certificate).not.toBe(second.certificate);
  expect(Date.parse(new X509Certificate(renewed.certificate).validTo)).toBeGreaterThan(now + 700 * DAY);
});

test('a server certificate without a host is refused', async () => {
  const authority = await Authority.open(store.db);
  await expect(authority.serverCertificate([])).rejects.toMatchObject({ code: 'HOSTS_MISSING' });
});

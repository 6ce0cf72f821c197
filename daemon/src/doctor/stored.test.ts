import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signDocument } from '@khien/shared/document';
import type { Identity } from '@khien/shared/enrolment';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policy } from '../dns/fixture/household.ts';
import { PRIVATE_KEY } from './fixture/certificate.ts';
import { folderAccess, outboxOnDisk, readKey, readStoredPolicy } from './stored.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-doctor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const store = (name: string, text: string) => writeFile(join(folder, name), text);

it('tries to write, and leaves nothing', async () => {
  await folderAccess.tryWrite(folder);
  expect(await readdir(folder)).toEqual([]);
  const { free, total } = await folderAccess.space(folder);
  expect(free).toBeGreaterThan(0);
  expect(total).toBeGreaterThanOrEqual(free);
  await expect(folderAccess.tryWrite(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(folderAccess.space(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('reads the key and makes none', async () => {
  expect(await readKey(folder)).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
  await store('router.key', PRIVATE_KEY);
  expect((await readKey(folder))?.asymmetricKeyType).toBe('ec');
  await store('router.key', 'half a k');
  await expect(readKey(folder)).rejects.toThrow();
});

it('measures the outbox', async () => {
  expect(await outboxOnDisk(folder)).toEqual({ bytes: 0, setAside: 0 });
  await mkdir(join(folder, 'outbox'));
  await mkdir(join(folder, 'outbox.damaged-17'));
  await store('outbox/000003.log', 'x'.repeat(1000));
  await store('outbox/CURRENT', 'x'.repeat(24));
  expect(await outboxOnDisk(folder)).toEqual({ bytes: 1024, setAside: 1 });
});

describe('the stored policy', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const router = newId();
  const identity: Identity = {
    router,
    certificate: '',
    authority: '',
    mqttUrl: 'mqtts://khien.example:8883',
    documentKeys: [
      { id: 'one', key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url') },
    ],
  };
  const load = () => Promise.resolve(identity);
  const signed = (to = router) =>
    JSON.stringify(
      signDocument(
        { kind: 'policy', router: to, version: 7, issuedAt: 0, body: policy() },
        { id: 'one', key: privateKey },
      ),
    );

  it('is told with its version', async () => {
    expect(await readStoredPolicy(folder, load)).toBeUndefined();
    await store('policy.json', signed());
    expect(await readStoredPolicy(folder, load)).toBe(7);
  });

  it.each([
    ['cut off', signed().slice(0, 100), 'DOCUMENT_MALFORMED'],
    ['changed', signed().replace('"An"', '"Am"'), 'DOCUMENT_BAD_SIGNATURE'],
    ['for another router', signed(newId()), 'DOCUMENT_OTHER_ROUTER'],
    ['empty', '', 'DOCUMENT_MALFORMED'],
  ])('is told with what is wrong, and left where it is, when it is %s', async (_, text, code) => {
    await store('policy.json', text);
    expect(await readStoredPolicy(folder, load)).toBe(code);
    expect(await readdir(folder)).toEqual(['policy.json']);
  });

  it('cannot be read without an identity', async () => {
    await store('policy.json', signed());
    expect(await readStoredPolicy(folder, () => Promise.resolve(undefined))).toBe('IDENTITY_MISSING');
  });
});

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '@khien/shared/enrolment';
import { newId } from '@khien/shared/id';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { CERTIFICATE, PRIVATE_KEY } from '../doctor/fixture/certificate.ts';
import { FaultyFiles } from '../storage/fixture/faulty-files.ts';
import { Belongings } from './belongings.ts';
import { CloudLink } from './cloud-link.ts';
import { IdentityFile } from './identity-file.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const { publicKey } = generateKeyPairSync('ed25519');
const identity: Identity = {
  router: newId(),
  certificate: CERTIFICATE,
  authority: CERTIFICATE,
  mqttUrl: 'mqtts://127.0.0.1:1',
  documentKeys: [{ id: 'k1', key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64url') }],
};

let folder: string;
let clock: ManualClock;
let link: CloudLink | undefined;
/** What the link has asked for, in order. */
let asked: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khien-link-'));
  clock = new ManualClock();
  asked = [];
  await writeFile(join(folder, 'router.key'), PRIVATE_KEY);
  await writeFile(join(folder, 'identity.json'), JSON.stringify(identity));
});
afterEach(async () => {
  await link?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a link whose cloud nobody can reach. */
async function start(identityFile = new IdentityFile(folder)): Promise<CloudLink> {
  link = new CloudLink({
    identityFile,
    log: silent,
    enrolment: {
      cloud: { url: 'http://127.0.0.1:1', authority: undefined },
      clock,
      model: 'test',
      daemon: '0.0.0',
    },
    unclaimed: (who, damaged) => {
      asked.push({ unclaimed: who?.router, damaged });
      return Promise.resolve();
    },
    belongings: new Belongings({ stateFolder: folder, runFolder: folder }, silent),
    moved: () => asked.push('moved'),
    uplinkFor: (who) => {
      asked.push({ uplink: who.router });
      return Promise.resolve({
        connected: false,
        start: nothing,
        stop: nothing,
        publishState: () => undefined,
      });
    },
  });
  await link.start();
  return link;
}
const nothing = (): Promise<void> => Promise.resolve();

describe('the way to the cloud', () => {
  it('is the uplink for a router that can prove who it is', async () => {
    expect((await start()).damage).toBeNull();
    expect(asked).toEqual([{ uplink: identity.router }]);
  });

  it('is enrolment, with a new key, for one that nobody has claimed', async () => {
    await rm(join(folder, 'router.key'));
    await rm(join(folder, 'identity.json'));
    expect((await start()).damage).toBeNull();
    expect(asked).toEqual([{ unclaimed: undefined, damaged: false }]);
    const key = createPrivateKey(await readFile(join(folder, 'router.key')));
    expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it.each([
    ['empty', ''],
    ['torn', JSON.stringify(identity).slice(0, 300)],
    ['with a certificate that is none', JSON.stringify({ ...identity, certificate: 'zeros' })],
    ['with a key that is none', JSON.stringify({ ...identity, documentKeys: [{ id: 'k1', key: 'AAAA' }] })],
    ['with an address that is none', JSON.stringify({ ...identity, mqttUrl: 'nowhere' })],
  ])(
    'is enrolment with the same key where the identity is %s; what is known stays enforced',
    async (_, text) => {
      await writeFile(join(folder, 'identity.json'), text);
      expect((await start()).damage).toBe('IDENTITY_DAMAGED');
      expect(asked).toEqual([{ unclaimed: undefined, damaged: true }]);
      expect(await readFile(join(folder, 'router.key'), 'utf8')).toBe(PRIVATE_KEY);
      // After a restart it is not taken for a router that nobody has ever claimed.
      await link?.stop();
      expect((await start()).damage).toBe('IDENTITY_DAMAGED');
    },
  );

  it('is enrolment with a new key where the key is damaged, which is kept beside it', async () => {
    await writeFile(join(folder, 'router.key'), 'zeros');
    expect((await start()).damage).toBe('KEY_DAMAGED');
    expect(asked).toEqual([{ unclaimed: identity.router, damaged: true }]);
    expect(await readFile(join(folder, 'router.key.damaged'), 'utf8')).toBe('zeros');
    await link?.stop();
    expect((await start()).damage).toBe('KEY_DAMAGED');
    expect(asked.at(-1)).toEqual({ unclaimed: identity.router, damaged: true });
  });

  it('is enrolment where the key is another than the certificate says', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(join(folder, 'router.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect((await start()).damage).toBe('KEY_DAMAGED');
    expect(await readdir(folder)).toEqual(['identity.json', 'router.key']);
  });

  it('waits for flash that takes no key, and begins when it does', async () => {
    await rm(folder, { recursive: true });
    expect((await start()).damage).toBe('KEY_NOT_STORED');
    await mkdir(folder);
    clock.advance(30_000);
    await expect.poll(() => readdir(folder)).toEqual(['router.key']);
  });

  it('is enrolment where flash cannot be read', async () => {
    const files = new FaultyFiles();
    files.readFile = () => Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
    expect((await start(new IdentityFile('/state', files))).damage).toBe('EIO');
    expect(asked).toEqual([{ unclaimed: undefined, damaged: true }]);
  });
});

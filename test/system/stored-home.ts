import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KhienDocument, signDocument } from '@khien/shared/document';
import type { Identity } from '@khien/shared/enrolment';
import { newId } from '@khien/shared/id';
import { type Policy, type Profile, policyBodySchema, type Rules } from '@khien/shared/policy';
import { CERTIFICATE, PRIVATE_KEY } from '../../daemon/src/doctor/fixture/certificate.ts';
import { type Device, type HomeOptions, VirtualHome } from '../home/index.ts';
import { RouterSystem } from './router.ts';

/** What a test sets of the child; the rest is as in `policyOf`. */
export type ChildRules = Partial<Rules> & Partial<Pick<Profile, 'pause' | 'grant'>>;

/**
 * A virtual home whose router was claimed once and has a policy on flash, and whose cloud is gone: the real daemon, and nothing
 * that a test must wait for. TikTok is blocked for the child, whose device is the tablet.
 */
export class StoredHome {
  readonly home: VirtualHome;
  readonly router: RouterSystem;
  readonly #signer: KeyObject;
  readonly #identity: Identity;
  readonly #profile = newId();
  readonly #device = newId();
  #version = 0;

  private constructor(home: VirtualHome, folder: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.home = home;
    this.router = new RouterSystem(home, folder, { authority: join(folder, 'authority.pem') });
    this.#signer = privateKey;
    this.#identity = {
      router: newId(),
      certificate: CERTIFICATE,
      authority: CERTIFICATE,
      // Nobody is there.
      mqttUrl: 'mqtts://127.0.0.1:1',
      documentKeys: [
        { id: 'k1', key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64url') },
      ],
    };
  }

  /** The router is on, and the daemon is not started yet. */
  static async start(rules: ChildRules = {}, options: HomeOptions = {}): Promise<StoredHome> {
    const home = await VirtualHome.start(options);
    const stored = new StoredHome(home, mkdtempSync(join(tmpdir(), 'khien-stored-')));
    await mkdir(stored.state, { recursive: true });
    await writeFile(join(stored.router.folder, 'authority.pem'), CERTIFICATE);
    await stored.storeIdentity();
    await stored.storePolicy(rules);
    return stored;
  }

  get tablet(): Device {
    return this.home.device('tablet');
  }

  /** What the daemon keeps on flash. */
  get state(): string {
    return join(this.router.folder, 'state');
  }

  async storeIdentity(): Promise<void> {
    await writeFile(join(this.state, 'router.key'), PRIVATE_KEY);
    await writeFile(join(this.state, 'identity.json'), JSON.stringify(this.#identity));
  }

  /** Puts a newer policy on flash, as a daemon that has just ended would have left it. */
  storePolicy(rules: ChildRules, change: (policy: Policy) => Policy = (policy) => policy): Promise<void> {
    return writeFile(join(this.state, 'policy.json'), this.signed(change(this.policyOf(rules))));
  }

  /** A document with the next version. */
  signed(body: Policy, issuedAt = Date.now() - 60_000): string {
    const document: KhienDocument = {
      kind: 'policy',
      router: this.#identity.router,
      version: ++this.#version,
      issuedAt,
      body,
    };
    return JSON.stringify(signDocument(document, { id: 'k1', key: this.#signer }));
  }

  policyOf({ pause = null, grant = null, ...rules }: ChildRules): Policy {
    const text = (name: string) => ({ vi: name, en: name });
    return policyBodySchema.parse({
      zone: 'UTC',
      offsets: [{ from: 0, minutes: 0 }],
      language: 'vi',
      profiles: [
        {
          id: this.#profile,
          name: 'An',
          ageBand: '9-11',
          rules: {
            blockedCategories: [],
            blockedServices: ['tiktok'],
            allowedNames: [],
            blockedNames: [],
            schedules: [],
            ...rules,
          },
          pause,
          grant,
        },
      ],
      devices: [{ id: this.#device, name: 'Máy An', profile: this.#profile, macs: [this.tablet.mac] }],
      services: [{ id: 'tiktok', name: text('TikTok'), category: 'social', names: ['tiktok.com'] }],
      categories: [{ id: 'social', name: text('Social'), bit: null }],
      answers: [],
    });
  }

  /** As a power cut and a boot do it to what is not on flash: the daemon and its tables are gone, those of fw4 are back. */
  async reboot(): Promise<void> {
    await this.router.kill();
    await this.home.router.check('nft', ['flush', 'ruleset']);
    await this.home.router.loadFirewall();
  }

  async stop(): Promise<void> {
    await this.home.stop();
  }
}

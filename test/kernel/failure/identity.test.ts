import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dig } from '../../home/index.ts';
import { FamilyHome } from '../../system/family-home.ts';

/** What the router proves with who it is, is damaged. */
describe('a router that can no more prove who it is', () => {
  let system: FamilyHome;

  beforeAll(async () => {
    system = await FamilyHome.start();
  });
  afterAll(() => system?.stop());

  const state = (): string => join(system.router.folder, 'state');
  const isBlocked = async (): Promise<boolean> =>
    (await dig(system.tablet, 'www.tiktok.com', { timeout: 2000 })).answers[0]?.data === '0.0.0.0';

  /** As after a boot with a file that is damaged. */
  async function bootWithDamaged(file: string): Promise<void> {
    await system.router.kill();
    await system.home.router.check('nft', ['flush', 'ruleset']);
    await system.home.router.loadFirewall();
    const bytes = await readFile(join(state(), file));
    await writeFile(join(state(), file), bytes.subarray(0, bytes.length / 2));
    await system.router.start();
  }

  /** It enforces, and says what is wrong to who helps the family. */
  async function expectDamage(code: string): Promise<void> {
    const { router } = system;
    expect(await isBlocked()).toBe(true);
    expect((await router.khiend('status')).stdout).toContain(code);
    expect((await router.khiend('doctor')).stdout).toMatch(/PROBLEM {2}identity/);
  }

  async function expectWhole(): Promise<void> {
    const { router } = system;
    await router.reach('the cloud is in reach', ({ cloud }) => cloud.connected && cloud.damage === null);
    await system.enforced();
    expect(await isBlocked()).toBe(true);
    await router.kill();
    await router.start();
    await router.reach('the cloud is in reach', ({ cloud }) => cloud.connected && cloud.damage === null);
  }

  it('enforces what it knows, and is told again by the cloud, which knows its key', {
    timeout: 180_000,
  }, async () => {
    await system.cloud.stop();
    await bootWithDamaged('identity.json');
    await expectDamage('IDENTITY_DAMAGED');
    expect((await system.router.status()).inForce.policy).toBeGreaterThan(0);
    // The claim of today holds for it; a later one would be claimed again.
    await system.cloud.start();
    await expectWhole();
  });

  it('enforces what it knows with a new key, until it is claimed again', { timeout: 180_000 }, async () => {
    const { router, family } = system;
    await bootWithDamaged('router.key');
    await expectDamage('KEY_DAMAGED');
    const { cloud } = await router.reach(
      'there is a claim code',
      (status) => status.cloud.claimCode !== null,
    );
    await family.letRoutersGo();
    await family.claimRouter(cloud.claimCode ?? '');
    await expectWhole();
    expect(await readdir(state())).toContain('router.key.damaged');
  });
});

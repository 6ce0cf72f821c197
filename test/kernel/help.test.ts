import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type Device, dig, eventually, request, type VirtualHome } from '../home/index.ts';
import type { CloudSystem } from '../system/cloud.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

const gateway = 'epdg.epc.mnc004.mcc452.pub.3gppnetwork.org';

/** Help is reachable in every state, by a device that never asked for it before. */
describe('help, by a device whose network is off', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let cloud: CloudSystem;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;

  beforeAll(async () => {
    system = await FamilyHome.start({ sites: { [gateway]: 42 } });
    ({ home, cloud, router, family, tablet } = system);
    await family.pause();
    await eventually('the tablet is off', async () => (await router.status()).lan.withoutLease === 1, 20_000);
  });
  afterAll(() => system?.stop());

  /** The helpline's site opens and Wi-Fi calling works; nothing else does. */
  async function helpIsThere(): Promise<void> {
    for (const type of ['A', 'AAAA'] as const) {
      expect((await dig(tablet, 'tongdai111.vn', { type })).answers.length, type).toBe(1);
      expect((await dig(tablet, gateway, { type })).answers.length, type).toBe(1);
    }
    expect(await request(tablet, 'http://tongdai111.vn/')).toMatchObject({ reached: true, status: 200 });
    const { v4, v6 } = home.internet.site(gateway);
    for (const calling of [call(tablet, v4, 500), call(tablet, v4, 4500), call(tablet, v6, 4500)]) {
      await eventually('Wi-Fi calling works', () => calling.flows());
      await calling.stop();
    }
    const other = home.internet.site('vnexpress.net');
    expect(await request(tablet, `https://${other.v4}/`)).toMatchObject({ error: 'ECONNREFUSED' });
  }

  it('is there when the daemon is dead, though nobody asked before', async () => {
    // While names are being loaded the kernel cannot tell help from others, and lets all of them be resolved.
    await router.reach('the names are in the kernel', ({ names }) => names > 0);
    await router.kill();
    await eventually(
      'the kernel has noticed',
      async () => (await dig(tablet, 'tongdai111.vn', { timeout: 1000 })).answers.length > 0,
      20_000,
    );
    await helpIsThere();
    expect((await dig(tablet, 'www.tiktok.com', { timeout: 1000 })).answers).toEqual([]);
  });

  it('is there when the policy is lost, and the cloud too', async () => {
    await cloud.stop();
    await home.router.check('nft', ['flush', 'set', 'netdev', 'khien', 'help4']);
    await home.router.check('nft', ['flush', 'set', 'netdev', 'khien', 'help6']);
    await writeFile(join(router.folder, 'state', 'policy.json'), 'damaged');
    await router.start();
    expect((await router.status()).inForce.policy).toBe(0);
    await helpIsThere();
  });

  it('is there when all of it is back', async () => {
    await cloud.start();
    await eventually('the policy is back', async () => (await router.status()).inForce.policy > 0, 20_000);
    await helpIsThere();
    await family.resume();
    await eventually('the tablet is on', async () => (await router.status()).lan.withoutLease === 0, 20_000);
    expect(await request(tablet, 'http://tongdai111.vn/')).toMatchObject({ reached: true });
  });
});

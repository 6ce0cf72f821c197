import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseSchema } from '@khien/cloud/routers/schema';
import { identitySchema } from '@khien/shared/enrolment';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Device, dig, eventually } from '../home/index.ts';
import { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

/*
 * A router's life with the real cloud and daemon, told in order: it renews its certificate, goes to another family, is reset,
 * and its key is revoked.
 */
describe('a router', () => {
  let system: FamilyHome;
  let router: RouterSystem;
  let next: Family;
  let tablet: Device;

  const tiktok = async (): Promise<string> => {
    const { status, answers } = await dig(tablet, 'www.tiktok.com', { timeout: 1000 });
    return answers[0]?.data ?? status;
  };
  const blocked = async (): Promise<boolean> => (await tiktok()) === '0.0.0.0';
  const identityPath = () => join(router.folder, 'state', 'identity.json');
  const identity = async () => identitySchema.parse(JSON.parse(await readFile(identityPath(), 'utf8')));
  const stateFiles = () => readdir(join(router.folder, 'state'));
  const idIn = async (family: Family) => (await family.home()).routers[0]?.id ?? '';
  const shownCode = async () => {
    const { cloud } = await router.reach(
      'there is a claim code',
      (status) => status.cloud.claimCode !== null,
    );
    return cloud.claimCode ?? '';
  };
  /** All that the family of the router asks of it is done. */
  const enforcedFor = async (family: Family) => {
    const wanted = async () => (await family.home()).routers[0]?.policyWanted;
    await eventually(
      'the policy is enforced',
      async () => (await router.status()).inForce.policy === (await wanted()),
      30_000,
    );
  };

  beforeAll(async () => {
    system = await FamilyHome.start();
    ({ router, tablet } = system);
    await eventually('TikTok is blocked', blocked, 20_000);
    next = new Family(system.home);
    await next.signUp('next@khien.example');
  });
  afterAll(async () => {
    await next?.stop();
    await system?.stop();
  });

  it('renews its certificate when the time has come, and goes on with the new one', async () => {
    const before = await identity();
    expect(before.renewAt).toBeGreaterThan(Date.now());
    await router.stop();
    await writeFile(identityPath(), JSON.stringify({ ...before, renewAt: 1 }));
    await router.start();
    await eventually(
      'the certificate is another',
      async () => (await identity()).certificate !== before.certificate,
      20_000,
    );
    expect((await identity()).router).toBe(before.router);
    await router.reach('it is connected', ({ cloud }) => cloud.connected);
    expect(await blocked()).toBe(true);
  });

  it('goes to another family with its code, and takes nothing along', async () => {
    const first = await idIn(system.family);
    const { claimCode } = releaseSchema.parse(
      await system.family.change('POST', `routers/${first}/release`, {}),
    );
    await eventually('it waits under another id', async () => (await identity()).waiting === true, 30_000);
    expect((await identity()).router).not.toBe(first);
    await eventually('nobody is managed', async () => !(await blocked()), 20_000);
    await router.reach(
      'it waits at the cloud',
      ({ cloud, inForce }) => cloud.connected && cloud.claimCode === null && inForce.policy === 0,
    );
    expect(await stateFiles()).not.toContain('policy.json');

    await next.claimRouter(claimCode);
    await enforcedFor(next);
    const home = await next.home();
    expect(home.routers[0]?.id).toBe((await identity()).router);
    expect(home.profiles).toEqual([]);
    expect(await next.activity()).toEqual([]);
    expect((await system.family.home()).routers).toEqual([]);
    await next.addChild(tablet, { name: 'Bi' });
    await eventually('TikTok is blocked for the next family', blocked, 30_000);
  });

  it('is not reset while it runs; reset, it is claimed again by its family', async () => {
    const refused = await router.khiend('reset', '--yes');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('ALREADY_RUNNING');
    await router.stop();
    const unsure = await router.khiend('reset');
    expect(unsure.code).toBe(1);
    expect(await stateFiles()).toContain('identity.json');
    expect((await router.khiend('reset', '--yes')).code).toBe(0);
    const left = await stateFiles();
    for (const name of ['identity.json', 'policy.json', 'outbox', 'family']) expect(left).not.toContain(name);
    expect(left).toContain('router.key');

    await router.start();
    const before = await idIn(next);
    await next.claimRouter(await shownCode());
    await eventually('TikTok is blocked again', blocked, 30_000);
    expect(await idIn(next)).toBe(before);
  });

  it('whose key was copied is cut off, makes another, and is claimed anew', async () => {
    const key = await readFile(join(router.folder, 'state', 'router.key'), 'utf8');
    await next.change('POST', `routers/${await idIn(next)}/revoke`, {});
    await next.claimRouter(await shownCode());
    expect(await readFile(join(router.folder, 'state', 'router.key'), 'utf8')).not.toBe(key);
    await enforcedFor(next);
    await eventually('TikTok is blocked with the new key', blocked, 30_000);
  });
});

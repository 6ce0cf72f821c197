import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Device, dig, eventually, type VirtualHome } from '../home/index.ts';
import type { CloudSystem } from '../system/cloud.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

/** The whole system without a browser: what happens to the daemon, and what the family notices of it. */
describe('the daemon', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let cloud: CloudSystem;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;

  const tiktok = async (): Promise<string> => {
    const { status, answers } = await dig(tablet, 'www.tiktok.com', { timeout: 1000 });
    return answers[0]?.data ?? status;
  };
  const blocked = async (): Promise<boolean> => (await tiktok()) === '0.0.0.0';

  beforeAll(async () => {
    system = await FamilyHome.start();
    ({ home, cloud, router, family, tablet } = system);
    await eventually('TikTok is blocked', blocked, 20_000);
  });
  afterAll(() => system?.stop());

  it('refuses to be the second one, and names the first', async () => {
    const second = await router.khiend('run');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('ALREADY_RUNNING');
    expect(second.stderr).toContain(`process ${(await router.status()).pid}`);
    expect(await blocked()).toBe(true);
  });

  it('restores its tables at once when somebody flushes the ruleset', async () => {
    await home.router.check('nft', ['flush', 'ruleset']);
    await eventually('TikTok is blocked again', blocked, 3000);
    await home.router.loadFirewall();
    expect(await blocked()).toBe(true);
    const tables = await home.router.check('nft', ['list', 'tables']);
    for (const table of ['inet khien', 'inet khien_dns', 'netdev khien'])
      expect(tables).toContain(`table ${table}\n`);
  });

  it('enforces the stored policy after a reboot, with no cloud in reach', async () => {
    await cloud.stop();
    await router.kill();
    await home.router.check('nft', ['flush', 'ruleset']);
    await home.router.loadFirewall();
    expect(await tiktok()).toMatch(/^192\.0\.2\./);
    await router.start();
    expect(await blocked()).toBe(true);
    expect((await router.status()).cloud.connected).toBe(false);
    await cloud.start();
    await eventually('the cloud is in reach', async () => (await router.status()).cloud.connected, 20_000);
  });

  it('sets damaged files aside, leaves the kernel alone, and gets the policy again', async () => {
    await cloud.stop();
    await router.kill();
    const state = join(router.folder, 'state');
    await writeFile(join(state, 'policy.json'), '{"document":{"kind":"policy"');
    for (const file of await readdir(join(state, 'outbox'))) await truncate(join(state, 'outbox', file), 5);
    const list = ['--stateless', '--handle', 'list', 'table', 'inet', 'khien'];
    const before = await home.router.check('nft', list);
    await router.start();
    // It knows no policy, so it answers nothing as allowed that the kernel steers to it.
    expect(await home.router.check('nft', list)).toBe(before);
    expect(await tiktok()).not.toMatch(/^192\.0\.2\./);
    expect((await dig(tablet, 'www.example.org')).answers[0]?.data).toMatch(/^192\.0\.2\./);

    await cloud.start();
    await eventually('the policy is back', async () => (await router.status()).inForce.policy > 0, 20_000);
    expect(await blocked()).toBe(true);
    expect(await readdir(state)).toContain('policy.json.damaged');
    expect((await readdir(state)).some((name) => name.startsWith('outbox.damaged-'))).toBe(true);
    expect(router.process.log()).toContain('set aside');
  });

  it('keeps the old policy when the configuration of the next start is wrong, and says what is', async () => {
    const broken = join(router.folder, 'broken.json');
    await writeFile(broken, '{"cloud":{"url":"https://khien.example"},"lan":{"interface":5}}');
    const bundle = new URL('../../daemon/dist/khiend.cjs', import.meta.url).pathname;
    const { code, stderr } = await home.router.exec(process.execPath, [bundle, 'run', '--config', broken]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/CONFIG_INVALID.*lan\.interface/s);
    expect(await blocked()).toBe(true);
  });

  it('enforces what it knows when its family has let it go, shows a claim code, and can be claimed again', async () => {
    await family.letRoutersGo();
    const code = await eventually(
      'there is a claim code',
      async () => (await router.status()).cloud.claimCode,
      20_000,
    );
    expect(await blocked()).toBe(true);
    const before = (await family.home()).routers;
    expect(before).toEqual([]);
    await family.claimRouter(code);
    await eventually('the cloud is in reach', async () => (await router.status()).cloud.connected, 30_000);
    await eventually(
      'the policy is that of the new claim',
      async () =>
        (await family.home()).routers[0]?.policyInForce === (await family.home()).routers[0]?.policyWanted,
      20_000,
    );
    expect((await router.status()).cloud.claimCode).toBeNull();
    expect(await blocked()).toBe(true);
  });
});

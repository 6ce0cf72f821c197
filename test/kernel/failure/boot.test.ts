import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, type Device, dig, eventually, request } from '../../home/index.ts';
import { StoredHome } from '../../system/stored-home.ts';

const bootScript = fileURLToPath(
  new URL('../../../firmware-scripts/openwrt/files/khien-boot.init', import.meta.url),
);

/** From the router's boot to the daemon's first transaction. */
describe('at boot', () => {
  let stored: StoredHome;
  let tablet: Device;
  let laptop: Device;

  beforeAll(async () => {
    stored = await StoredHome.start();
    tablet = stored.tablet;
    laptop = stored.home.device('laptop');
    await stored.router.start();
    await stored.router.reach('the policy is enforced', ({ enforcement }) => enforcement === 'enforcing');
    await eventually('the rules for the next boot have help in them', async () =>
      (await readFile(join(stored.state, 'boot.nft'), 'utf8').catch(() => '')).includes(
        'help4 { type ipv4_addr; elements',
      ),
    );
  });
  afterAll(() => stored?.stop());

  /** What OpenWrt does before it brings the LAN up. */
  async function runBootScript(enabled = true): Promise<void> {
    const script = `. "$1"; RULES=$2; /etc/init.d/khien() { ${enabled}; }; start`;
    await stored.home.router.check('bash', [
      '-c',
      script,
      'boot',
      bootScript,
      join(stored.state, 'boot.nft'),
    ]);
  }
  const tables = (): Promise<string> => stored.home.router.check('nft', ['list', 'tables']);
  const web = async (host: Device): Promise<boolean> => {
    const { v4 } = stored.home.internet.site('vnexpress.net');
    return (await request(host, `https://${v4}/`, { timeout: 700 })).reached;
  };

  it('a child reaches the router and help until the daemon is there, and nothing else', async () => {
    await stored.reboot();
    expect(await web(tablet)).toBe(true);
    await runBootScript();
    await stored.home.router.loadFirewall();
    expect(await web(tablet)).toBe(false);
    expect(await web(laptop)).toBe(true);
    expect((await tablet.dhcp()).address).toBe(tablet.address4);
    expect((await dig(tablet, 'tongdai111.vn')).answers).toHaveLength(1);
    expect(await request(tablet, 'http://tongdai111.vn/')).toMatchObject({ reached: true, status: 200 });
    const { v6 } = stored.home.internet.site('vnexpress.net');
    const calling = call(tablet, v6, 4500);
    const called = call(laptop, v6, 4500);
    await eventually('the laptop gets through', () => called.flows());
    expect(calling.bytes).toBe(0);
    await Promise.all([calling.stop(), called.stop()]);
  });

  it('it can be loaded again, and not over the rules of a daemon that has run', async () => {
    await runBootScript();
    expect(await tables()).toContain('table inet khien_boot\n');
    await stored.router.start();
    expect(await tables()).not.toContain('khien_boot');
    expect(await web(tablet)).toBe(true);
    expect((await dig(tablet, 'www.tiktok.com')).answers[0]?.data).toBe('0.0.0.0');
    await stored.router.kill();
    await runBootScript();
    expect(await tables()).not.toContain('khien_boot');
    await stored.router.start();
  });

  it('it is not loaded where nobody will start the daemon', async () => {
    await stored.reboot();
    await runBootScript(false);
    expect(await tables()).not.toContain('khien_boot');
    await stored.router.start();
  });

  it('whom a lost policy had managed stays closed until it is back', async () => {
    await stored.reboot();
    await runBootScript();
    await writeFile(join(stored.state, 'policy.json'), 'lost');
    await stored.router.start();
    expect((await stored.router.status()).inForce.policy).toBe(0);
    expect(await web(tablet)).toBe(false);
    expect(existsSync(join(stored.state, 'boot.nft'))).toBe(true);
    await stored.router.kill();
    await stored.storePolicy({});
    await stored.router.start();
    expect(await tables()).not.toContain('khien_boot');
    expect(await web(tablet)).toBe(true);
  });
});

/** Of those of whom nobody has said anything, where the household keeps them closed. */
describe('at boot, with quarantine', () => {
  let stored: StoredHome;

  beforeAll(async () => {
    stored = await StoredHome.start();
    const known = [stored.home.device('laptop').mac];
    await stored.storePolicy({}, (policy) => ({ ...policy, newDevices: 'quarantine', known }));
    await stored.router.start();
    await stored.router.reach('the policy is enforced', ({ enforcement }) => enforcement === 'enforcing');
    await eventually('the rules for the next boot are there', () =>
      existsSync(join(stored.state, 'boot.nft')),
    );
    await stored.reboot();
    const script = '. "$1"; RULES=$2; /etc/init.d/khien() { true; }; start';
    await stored.home.router.check('bash', [
      '-c',
      script,
      'boot',
      bootScript,
      join(stored.state, 'boot.nft'),
    ]);
    await stored.home.router.loadFirewall();
  });
  afterAll(() => stored?.stop());

  it('strangers reach nothing behind the router, whoever is known does, and the daemon takes over', async () => {
    const { v4, v6 } = stored.home.internet.site('vnexpress.net');
    const stranger = stored.home.device('newphone');
    const visitor = await stored.home.addDevice('visitor', { mac: '66:00:00:00:00:07' });
    const closed = async () => {
      for (const device of [stranger, visitor]) {
        for (const address of [v4, `[${v6}]`]) {
          const outcome = await request(device, `https://${address}/`, { timeout: 700 });
          expect(outcome.reached, `${device.name} ${address}`).toBe(false);
        }
      }
    };
    await closed();
    expect((await visitor.dhcp()).address).toBe(visitor.address4);
    expect((await request(stored.home.device('laptop'), `https://${v4}/`)).reached).toBe(true);
    await stored.router.start();
    await stored.router.reach('it is enforced', ({ enforcement }) => enforcement === 'enforcing');
    await closed();
  });
});

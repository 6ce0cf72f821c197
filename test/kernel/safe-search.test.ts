import type { Rules } from '@khien/shared/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Device, type DigOptions, dig, eventually, type VirtualHome } from '../home/index.ts';
import type { CloudSystem } from '../system/cloud.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

const sites = {
  'restrictmoderate.youtube.com': 64,
  'bing.com': 65,
  'strict.bing.com': 66,
  'duckduckgo.com': 67,
  'safe.duckduckgo.com': 68,
};

/** Safe search from the parent's tap to the packets: the real cloud, daemon, kernel and dnsmasq. */
describe('safe search', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let cloud: CloudSystem;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;

  /** The status, then what the answer section holds. */
  const asked = async (name: string, options: DigOptions = {}, host: Device = tablet): Promise<string> => {
    const { status, answers } = await dig(host, name, options);
    return [status, ...answers.map(({ data }) => data)].join(' ');
  };
  const set = async (change: Partial<Rules>): Promise<void> => {
    await family.setRules({ ...(await family.rules()), ...change });
  };

  /** The answer that leads to `target`, and that of a name which is left as it is. */
  const to = (target: string): string => `NOERROR ${target}. ${home.internet.site(target).v4}`;
  const direct = (name: string): string => `NOERROR ${home.internet.site(name).v4}`;

  beforeAll(async () => {
    system = await FamilyHome.start({ sites });
    ({ home, cloud, router, family, tablet } = system);
    await eventually(
      'TikTok is blocked',
      async () => (await asked('www.tiktok.com')).includes('0.0.0.0'),
      20_000,
    );
  });
  afterAll(() => system?.stop());

  it('is on with the preset of a nine-year-old, over UDP and TCP, for IPv4 and IPv6, whichever resolver is asked', async () => {
    const { v4, v6 } = home.internet.site('forcesafesearch.google.com');
    const alias = 'NOERROR forcesafesearch.google.com.';
    expect(await asked('www.google.com')).toBe(`${alias} ${v4}`);
    expect(await asked('WWW.gOOgle.com.VN')).toBe(`${alias} ${v4}`);
    expect(await asked('www.google.com', { type: 'AAAA' })).toBe(`${alias} ${v6}`);
    expect(await asked('www.google.com', { tcp: true })).toBe(`${alias} ${v4}`);
    expect(await asked('www.google.com', { server: '8.8.8.8' })).toBe(`${alias} ${v4}`);
    expect(await asked('www.google.com', { server: '2001:4860:4860::8888', tcp: true })).toBe(
      `${alias} ${v4}`,
    );
    expect(await asked('duckduckgo.com')).toBe(to('safe.duckduckgo.com'));
    expect(await asked('www.bing.com')).toBe(to('strict.bing.com'));
    expect(await asked('m.youtube.com')).toBe(to('restrict.youtube.com'));
    const { answers } = await dig(tablet, 'www.google.com');
    for (const { ttl } of answers) expect(ttl).toBeLessThanOrEqual(60);
  });

  it('leaves no way around it: other types have no data', async () => {
    for (const type of ['HTTPS', 'SVCB', 'ANY', 'TXT']) {
      expect(await asked('www.google.com', { type }), type).toBe('NOERROR');
    }
  });

  it('is for exactly these names', async () => {
    for (const name of ['google.com', 'mail.google.com', 'a.www.google.com', 'i.ytimg.com']) {
      expect(await asked(name), name).toBe(`NOERROR ${home.internet.site(name).v4}`);
    }
  });

  it('is for the child alone: a device that nobody manages is not led elsewhere', async () => {
    expect(await asked('www.google.com', {}, home.device('laptop'))).toBe(direct('www.google.com'));
  });

  it('fails where the resolver does, and never lets the unfiltered address through', async () => {
    await home.router.dnsmasq.stop();
    expect(await asked('www.google.com', { timeout: 6000 })).toBe('SERVFAIL');
    expect(await asked('www.google.com', { timeout: 6000, tcp: true })).toBe('SERVFAIL');
    await home.router.dnsmasq.start();
    expect(await asked('www.google.com')).toBe(to('forcesafesearch.google.com'));
  });

  it('gives way to what is blocked, to a pause and to what a parent allows', async () => {
    await set({ blockedNames: ['www.google.com'] });
    await eventually('it is blocked', async () => (await asked('www.google.com')) === 'NOERROR 0.0.0.0');
    await set({ blockedNames: [], allowedNames: ['www.google.com'] });
    await eventually(
      'it is allowed as it is',
      async () => (await asked('www.google.com')) === direct('www.google.com'),
    );
    await set({ allowedNames: [] });
    await family.pause();
    const off = async () => (await asked('www.google.com')) === 'NOERROR 172.31.53.80';
    await eventually('the network is off', off);
    await family.resume();
    await eventually(
      'it is filtered again',
      async () => (await asked('www.google.com')) === to('forcesafesearch.google.com'),
    );
  });

  it('is enforced by the stored policy when the cloud is gone and the daemon comes back', async () => {
    await cloud.stop();
    await router.kill();
    await router.start();
    expect(await asked('www.google.com')).toBe(to('forcesafesearch.google.com'));
    expect(await asked('www.youtube.com')).toBe(to('restrict.youtube.com'));
    await cloud.start();
    await eventually('the cloud is in reach', async () => (await router.status()).cloud.connected, 20_000);
  });

  it('follows the parent: another mode of YouTube, then nothing at all, and then the kernel steers none of it', async () => {
    await set({ youtube: 'moderate' });
    await eventually(
      'YouTube is moderate',
      async () => (await asked('www.youtube.com')) === to('restrictmoderate.youtube.com'),
    );
    await set({ youtube: 'open', safeSearch: false });
    await eventually(
      'YouTube is open',
      async () => (await asked('www.youtube.com')) === direct('www.youtube.com'),
    );
    const steered = async (): Promise<(number | undefined)[]> => {
      const { counters } = await router.status();
      return [counters['blocked to the responder'], counters['undecided to the responder']];
    };
    await eventually('the kernel steers none of it', async () => {
      const before = await steered();
      for (const name of ['www.google.com', 'www.youtube.com', 'duckduckgo.com']) {
        expect(await asked(name)).toBe(direct(name));
      }
      return String(await steered()) === String(before);
    });
  });
});

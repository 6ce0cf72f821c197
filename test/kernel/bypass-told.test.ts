import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countedAttempts } from '../../daemon/src/enforce/bypass-rules.ts';
import { type Device, dig, eventually, type VirtualHome } from '../home/index.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';
import { connectRequest, ikeInitiation, wireguardInitiation } from './bypass/packets.ts';
import { attempt, type Try, WildInternet } from './bypass/wild-internet.ts';

/** Of a guest's operator: nobody looks it up ahead. */
const foreignGateway = 'epdg.epc.mnc410.mcc310.pub.3gppnetwork.org';

/** What a family sees of ways round the rules, from the device to the parent's phone, with the preset of a child's age. */
describe('ways round the rules', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;
  let laptop: Device;

  beforeAll(async () => {
    system = await FamilyHome.start({ sites: { [foreignGateway]: 43 } });
    ({ home, router, family, tablet } = system);
    laptop = home.device('laptop');
    await WildInternet.start(home, []);
    await router.reach('the names are in the kernel', ({ names }) => names > 0);
  });
  afterAll(() => system?.stop());

  const site = () => home.internet.site('hocmai.vn').v4;
  const ways: Readonly<Record<string, () => Try>> = {
    dot: () => ({ kind: 'tcp', address: site(), port: 853 }),
    doq: () => ({ kind: 'udp', address: site(), port: 853, payload: 'aa' }),
    doh: () => ({ kind: 'tcp', address: '8.8.8.8', port: 443 }),
    vpn: () => ({ kind: 'udp', address: site(), port: 443, payload: wireguardInitiation }),
    tor: () => ({ kind: 'tcp', address: site(), port: 9001 }),
    proxy: () => ({ kind: 'tcp', address: site(), port: 8080, payload: connectRequest }),
  };
  const attempts = async () => (await family.activity()).filter(({ target }) => target.kind === 'bypass');

  it.each([
    'dns.google',
    'cloudflare-dns.com',
    'dns.nextdns.io',
    'engage.cloudflareclient.com',
    'nordvpn.com',
    'controlplane.tailscale.com',
    'www.torproject.org',
    'croxyproxy.com',
  ])('has no address for %s, and the laptop has', async (name) => {
    expect((await dig(tablet, name)).answers.map(({ data }) => data)).toEqual(['0.0.0.0']);
    expect((await dig(tablet, name, { type: 'HTTPS' })).answers).toEqual([]);
    expect((await dig(laptop, name)).answers[0]?.data).not.toBe('0.0.0.0');
  });

  it.each(['A', 'AAAA', 'HTTPS', 'TXT', 'ANY'])(
    'tells software that it must use this resolver, also when asked for %s, and tells the parent of no try',
    async (type) => {
      for (const server of [undefined, '8.8.8.8']) {
        const asked = { type, ...(server === undefined ? {} : { server }) };
        for (const name of [
          'use-application-dns.net',
          'mask.icloud.com',
          'mask-h2.icloud.com',
          'mask-canary.icloud.com',
        ]) {
          expect((await dig(tablet, name, asked)).status, name).toBe('NXDOMAIN');
        }
        for (const name of ['_dns.resolver.arpa', 'resolver.arpa']) {
          expect(await dig(tablet, name, asked)).toMatchObject({ status: 'NOERROR', answers: [] });
        }
      }
      expect((await dig(laptop, 'mask.icloud.com')).status).toBe('NOERROR');
    },
  );

  it('says no encrypted resolver is designated (SVCB), by UDP and TCP', async () => {
    for (const tcp of [false, true]) {
      const reply = await dig(tablet, '_dns.resolver.arpa', { type: 'SVCB', tcp });
      expect(reply).toMatchObject({ status: 'NOERROR', answers: [] });
    }
  });

  it('lets a guest’s Wi-Fi calling pass, whose gateway nobody knew, and tells nobody', async () => {
    const { v4, v6 } = home.internet.site(foreignGateway);
    const calling: Try[] = [v4, v6].flatMap((address) =>
      [500, 4500].map((port) => ({ kind: 'udp', address, port, payload: ikeInitiation }) as const),
    );
    for (const [type, address] of [
      ['A', v4],
      ['AAAA', v6],
    ] as const) {
      const { answers } = await dig(tablet, foreignGateway, { type });
      expect(answers.map(({ data }) => data)).toEqual([address]);
    }
    expect(new Set(await attempt(tablet, calling))).toEqual(new Set(['open']));
    expect((await router.status()).counters[countedAttempts.vpn]).toBe(0);
  });

  it('shows each try once, by its plain method, at the parent’s phone and in the status', async () => {
    const tried = Object.values(ways).map((way) => way());
    expect(new Set(await attempt(laptop, tried))).toEqual(new Set(['open']));
    expect(await attempt(tablet, tried, 'closed')).not.toContain('open');
    expect((await dig(tablet, 'hocmai.vn', { server: '1.1.1.1' })).answers).toHaveLength(1);
    await sendOdd(tablet);
    const told = await eventually(
      'the parent sees all of it',
      async () => {
        const seen = await attempts();
        return seen.length >= Object.keys(ways).length + 2 ? seen : null;
      },
      30_000,
    );
    expect(told.map(({ target }) => target.id).sort()).toEqual(
      [...Object.keys(ways), 'foreign-dns', 'odd-dns'].sort(),
    );
    // Of where it went, nothing is told.
    expect(JSON.stringify(told)).not.toMatch(/hocmai|192\.0\.2|1\.1\.1\.1/);
    // What browsers and phones ask by themselves is no try, of whatever kind.
    expect(JSON.stringify(await family.activity())).not.toMatch(/icloud|use-application-dns|resolver\.arpa/);
    const { counters } = await router.status();
    for (const method of Object.keys(ways)) {
      expect(counters[`bypass ${method}`], method).toBeGreaterThan(0);
    }
    const printed = await router.khiend('status');
    expect(printed.stdout).toMatch(/bypass vpn +\d+ packets/);
  });

  it('shows afterwards what was tried while the daemon was dead', async () => {
    const before = (await attempts()).length;
    await router.kill();
    expect(
      await attempt(
        tablet,
        Object.values(ways).map((way) => way()),
        'closed',
      ),
    ).not.toContain('open');
    await router.start();
    // What was tried in an earlier test may be told only now.
    const untold = new Set(Object.keys(ways));
    await eventually(
      'the parent sees each',
      async () => {
        for (const { target } of (await attempts()).slice(0, -before)) untold.delete(target.id);
        return untold.size === 0;
      },
      30_000,
    );
  });
});

/** Two questions in one message, to the router itself. */
async function sendOdd(device: Device): Promise<void> {
  const question = '06686f636d616902766e0000010001';
  const message = `123401000002000000000000${question}${question}`;
  await attempt(device, [{ kind: 'udp', address: '192.168.50.1', port: 53, payload: message }]);
}

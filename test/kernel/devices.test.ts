import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Device, dig, eventually, request, type VirtualHome } from '../home/index.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

/** What the children's system tells DHCP: all of one model tell the same. */
const model = { vendorClass: 'android-dhcp-13', asksFor: [1, 3, 6, 15, 26, 28, 51, 58, 59] };
const NEW_ADDRESS = '5a:3e:91:7c:20:99';
/** The machine is shared, and a device is looked at every other second. */
const PATIENCE = 40_000;

describe('a child’s device under a new address', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;
  let laptop: Device;
  let sibling: Device;

  beforeAll(async () => {
    system = await FamilyHome.start({
      devices: {
        tablet: { mac: '5a:3e:91:7c:20:03', hostname: 'may-cua-An', ...model },
        sibling: { mac: '5a:3e:91:7c:20:04', hostname: 'Galaxy-A52', ...model },
        laptop: { mac: '3c:22:fb:10:20:30', hostname: 'may-cua-me', vendorClass: 'MSFT 5.0' },
      },
    });
    ({ home, router, family, tablet } = system);
    // How long the kernel believes that a device has its address, which the daemon goes by: 45 s unless told.
    await home.router.sysctl(
      Object.fromEntries(
        ['ipv4', 'ipv6'].flatMap((version) => [
          [`${version}/neigh/br-lan/base_reachable_time_ms`, 4000],
          [`${version}/neigh/br-lan/delay_first_probe_time`, 1],
        ]),
      ),
    );
    laptop = home.device('laptop');
    sibling = home.device('sibling');
    // What they told before the daemon's hook was there, once more.
    for (const device of [tablet, laptop, sibling]) await device.dhcp();
    await eventually(
      'what they told is known',
      () => [tablet, laptop, sibling].every((each) => note(each.mac)),
      PATIENCE,
    );
    await family.setRules({ ...(await family.rules()), blockedNames: ['hocmai.vn'] });
    const laptopId = (await eventually('the laptop is known', () => found(laptop.mac), PATIENCE)).id;
    await family.change('PATCH', `devices/${laptopId}`, { known: true });
    await system.enforced();
  }, 180_000);
  afterAll(() => system?.stop());

  const note = (mac: string): string => {
    try {
      return readFileSync(join(router.folder, 'run', 'dhcp', mac), 'utf8');
    } catch {
      return '';
    }
  };
  const found = async (mac: string) => (await family.home()).devices.find(({ macs }) => macs.includes(mac));
  const resolved = async (device: Device) =>
    (await dig(device, 'hocmai.vn', { timeout: 2000 })).answers[0]?.data;
  const isBlocked = async (device: Device) => (await resolved(device)) === '0.0.0.0';
  const isFree = async (device: Device) => (await resolved(device)) === home.internet.site('hocmai.vn').v4;
  const proposals = async () => (await family.home()).proposals;

  it('is told apart by what it tells DHCP, as dnsmasq hears it', () => {
    expect(note(tablet.mac)).toBe('1,3,6,15,26,28,51,58,59\nandroid-dhcp-13\nmay-cua-An\n');
    expect(note(sibling.mac)).toBe('1,3,6,15,26,28,51,58,59\nandroid-dhcp-13\nGalaxy-A52\n');
  });

  it('has its child’s rules at once, and the parents are asked', async () => {
    expect(await isBlocked(tablet)).toBe(true);
    const before = tablet.mac;
    await tablet.changeMac(NEW_ADDRESS);
    await eventually('the rules hold for the new address', () => isBlocked(tablet), PATIENCE);
    const [proposal] = await eventually(
      'the parents are asked',
      async () => {
        const all = await proposals();
        return all.length > 0 && all;
      },
      PATIENCE,
    );
    const device = await found(before);
    expect(proposal).toMatchObject({ mac: NEW_ADDRESS, device: device?.id });
    expect(proposal?.evidence).toEqual(expect.arrayContaining(['hostname', 'fingerprint']));
    expect(await isFree(laptop)).toBe(true);
    expect(await isFree(sibling)).toBe(true);
    const { stdout } = await router.khiend('status');
    expect(stdout).toContain(NEW_ADDRESS);
  }, 120_000);

  it('is held by the kernel while the daemon is dead, and by the daemon that comes back', async () => {
    await family.pause();
    const site = home.internet.site('vnexpress.net').v4;
    const opens = async () => (await request(tablet, `https://${site}/`, { timeout: 2000 })).reached;
    await eventually('it is paused under its new address', async () => !(await opens()), PATIENCE);
    await router.kill();
    expect(await opens()).toBe(false);
    await router.start();
    await router.reach('it enforces', ({ enforcement }) => enforcement === 'enforcing');
    expect(await opens()).toBe(false);
    await family.resume();
    await eventually('it is on', opens, PATIENCE);
    expect(await isBlocked(tablet)).toBe(true);
    expect(await proposals()).toHaveLength(1);
  }, 120_000);

  it('is the child’s when the parents say so', async () => {
    const [proposal] = await proposals();
    await family.change('POST', `proposals/${proposal?.id}/confirm`);
    await system.enforced();
    expect((await found(NEW_ADDRESS))?.macs).toContain('5a:3e:91:7c:20:03');
    expect(await isBlocked(tablet)).toBe(true);
    expect(await proposals()).toEqual([]);
  }, 60_000);

  it('is let go when the parents say that it is another', async () => {
    await tablet.changeMac('5a:3e:91:7c:20:77');
    await eventually('the rules hold', () => isBlocked(tablet), PATIENCE);
    const proposal = await eventually('the parents are asked', async () => (await proposals())[0], PATIENCE);
    await family.change('POST', `proposals/${proposal.id}/deny`);
    await eventually('it is free', () => isFree(tablet), PATIENCE);
    await tablet.changeMac(NEW_ADDRESS);
    expect(await isBlocked(tablet)).toBe(true);
  }, 120_000);

  it('is told when an address of the parents’ is used by something else', async () => {
    await laptop.unplug();
    await home.addDevice('copy', { mac: laptop.mac, hostname: 'may-cua-An', ...model });
    const alert = await eventually(
      'the parents are told',
      async () => (await family.home()).alerts[0],
      PATIENCE,
    );
    expect(alert).toMatchObject({ kind: 'device-changed', mac: laptop.mac });
    expect(alert.evidence).toEqual(expect.arrayContaining(['hostname', 'fingerprint']));
    expect((await family.home()).alerts).toHaveLength(1);
    await home.device('copy').unplug();
    await laptop.plugIn();
  }, 120_000);

  it('keeps its rules under other IP addresses, which it may choose itself', async () => {
    await tablet.check('ip', ['addr', 'add', '192.168.50.222/24', 'dev', 'eth0']);
    await tablet.check('ip', ['addr', 'add', 'fd50::abcd/64', 'dev', 'eth0', 'nodad']);
    for (const [server, from] of [
      ['192.168.50.1', '192.168.50.222'],
      ['fd50::1', 'fd50::abcd'],
    ] as const) {
      const { stdout } = await tablet.exec('dig', [
        `@${server}`,
        '-b',
        from,
        '+short',
        '+time=3',
        'hocmai.vn',
      ]);
      expect(stdout.trim(), from).toBe('0.0.0.0');
    }
    await family.pause();
    const { v4, v6 } = home.internet.site('vnexpress.net');
    const reaches = async (from: string, url: string) =>
      (await tablet.exec('curl', ['-skm', '3', '--interface', from, '-o', '/dev/null', url])).code === 0;
    await eventually(
      'it is paused',
      async () => !(await reaches(tablet.address4, `https://${v4}/`)),
      PATIENCE,
    );
    expect(await reaches('192.168.50.222', `https://${v4}/`)).toBe(false);
    await tablet.check('ip', ['addr', 'add', '2001:db8:50::abcd/64', 'dev', 'eth0', 'nodad']);
    expect(await reaches('2001:db8:50::abcd', `https://[${v6}]/`)).toBe(false);
    await family.resume();
    await eventually('it is on', () => reaches('2001:db8:50::abcd', `https://[${v6}]/`), PATIENCE);
  }, 120_000);

  it('does not get out by a made-up MAC, which is the child’s from then on, and the parents are told', async () => {
    const INVENTED = '66:aa:bb:cc:dd:ee';
    const { v4, v6 } = home.internet.site('vnexpress.net');
    const opens = async (device: Device, url: string) =>
      (await request(device, url, { timeout: 1500 })).reached;
    await family.pause();
    await eventually('it is paused', async () => !(await opens(tablet, `https://${v4}/`)), PATIENCE);
    // An address that the router has not met yet is open until it has, a second: this is about those that it knows.
    await eventually(
      'the router knows the addresses that the tablet sends from',
      async () => {
        await opens(tablet, `https://[${v6}]/`);
        const from = /src (\S+)/.exec(await tablet.check('ip', ['-6', 'route', 'get', v6]))?.[1] ?? '';
        const sets = await Promise.all(
          ['owned4', 'owned6'].map((set) =>
            home.router.check('nft', ['list', 'set', 'netdev', 'khien', set]),
          ),
        );
        return from !== '' && sets[0]?.includes(tablet.address4) && sets[1]?.includes(from);
      },
      PATIENCE,
    );
    const input = `table netdev forge {
      chain out {
        type filter hook egress device "eth0" priority 0
        ether type { ip, ip6 } ether saddr set ${INVENTED}
      }
    }\n`;
    await tablet.check('nft', ['-f', '-'], { input });
    try {
      const out: string[] = [];
      await eventually(
        'the parents are asked whose it is',
        async () => {
          for (const url of [`https://${v4}/`, `https://[${v6}]/`]) {
            if (await opens(tablet, url)) out.push(url);
          }
          return (await proposals()).find(({ mac }) => mac === INVENTED);
        },
        120_000,
      );
      expect(out).toEqual([]);
      expect((await proposals()).find(({ mac }) => mac === INVENTED)?.evidence).toEqual(['address']);
      await eventually(
        'and told of the try',
        async () =>
          (await family.activity()).some(
            ({ target }) => target.kind === 'bypass' && target.id === 'other-mac',
          ),
        PATIENCE,
      );
      expect(await opens(laptop, `https://${v4}/`)).toBe(true);
    } finally {
      await tablet.check('nft', ['delete', 'table', 'netdev', 'forge']);
      await family.resume();
    }
  }, 200_000);

  it('gives an address to whoever has it now, also to one that asks nobody for its router', async () => {
    const address = '192.168.50.231';
    await tablet.check('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
    const out = async (device: Device) =>
      (await device.exec('curl', ['-skm', '2', '--interface', address, '-o', '/dev/null', site()])).code ===
      0;
    const site = () => `https://${home.internet.site('vnexpress.net').v4}/`;
    await eventually('the tablet has it', () => out(tablet), PATIENCE);
    await request(laptop, site());
    await tablet.check('ip', ['addr', 'del', `${address}/24`, 'dev', 'eth0']);
    await laptop.check('ip', ['addr', 'add', `${address}/24`, 'dev', 'eth0']);
    try {
      await eventually('the laptop has it', () => out(laptop), 90_000);
    } finally {
      await laptop.check('ip', ['addr', 'del', `${address}/24`, 'dev', 'eth0']);
    }
  }, 120_000);

  it('is not a sibling’s device of the same model, nor one that is here beside it', async () => {
    const others = (await proposals()).length;
    const guest = await home.addDevice('guest', {
      mac: '5a:3e:91:7c:20:55',
      hostname: 'Galaxy-A52',
      ...model,
    });
    const twin = await home.addDevice('twin', { mac: '5a:3e:91:7c:20:66', hostname: 'may-cua-An', ...model });
    const site = home.internet.site('vnexpress.net').v4;
    // Both are in use: whatever it is taken for at first, it is free in the end.
    const uses = [tablet, twin, guest].map((each) => each.spawn('busybox', ['ping', site]));
    // It may be free for the moment before it is first looked at.
    let since: number | undefined;
    await eventually(
      'the twin is another, and stays so',
      async () => {
        since = (await isFree(twin)) ? (since ?? performance.now()) : undefined;
        return since !== undefined && performance.now() - since > 6000;
      },
      PATIENCE,
    );
    await Promise.all(uses.map((use) => use.stop()));
    expect(await isFree(guest)).toBe(true);
    expect((await proposals()).filter(({ mac }) => mac === guest.mac)).toEqual([]);
    expect((await proposals()).length - others).toBeLessThanOrEqual(1);
    expect(await isBlocked(tablet)).toBe(true);
  }, 120_000);

  it('is told when an address is in two places at once', async () => {
    const copy = await home.addDevice('second', { mac: sibling.mac, hostname: 'Galaxy-A52', ...model });
    const id = (await found(sibling.mac))?.id;
    await family.change('PATCH', `devices/${id}`, { known: true });
    await system.enforced();
    const site = home.internet.site('vnexpress.net').v4;
    await eventually(
      'the parents are told',
      async () => {
        // The bridge is asked every other second by which port it heard the address last.
        for (const each of [copy, sibling]) {
          await each.exec('busybox', ['ping', '-c1', '-W1', site]);
          await delay(2200);
        }
        return (await family.home()).alerts.some(
          ({ mac, evidence }) => mac === sibling.mac && evidence.includes('two-places'),
        );
      },
      150_000,
    );
  }, 200_000);
});

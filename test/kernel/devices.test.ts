import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  }, 120_000);
});

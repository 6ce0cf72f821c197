import type { Quota } from '@khien/shared/policy';
import { Nftables } from 'node-nftables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaseForAccess } from '../../../daemon/src/enforce/access-table.ts';
import { type Household, idOf } from '../../../daemon/src/enforce/fixture/household.ts';
import { counted } from '../../../daemon/src/enforce/policy-table.ts';
import { type Device, dig, download, eventually, request, VirtualHome } from '../../home/index.ts';
import { addPorts, OwnRouter } from './own-router.ts';
import { RouterEnforcer } from './router-enforcer.ts';

describe('in a home', () => {
  let home: VirtualHome;
  let enforcer: RouterEnforcer;
  let tablet: Device;
  let phone: Device;
  let an: Household;

  beforeAll(async () => {
    home = await VirtualHome.start();
    tablet = home.device('tablet');
    phone = home.device('newphone');
    an = {
      children: { an: {} },
      devices: { [tablet.mac]: 'an', [phone.mac]: 'an' },
      learningNames: ['hocmai.vn'],
      helpNames: ['tongdai111.vn'],
    };
    enforcer = await RouterEnforcer.start(home);
    await enforcer.apply(an);
  });
  afterAll(() => home?.stop());

  const site = () => home.internet.site('hocmai.vn').v4;

  test('a pause of one device cuts that one, and not the child’s other', async () => {
    const films = [tablet, phone].map((device) => download(device, `http://${site()}/stream`));
    await eventually('both run', () => films.every((film) => film.flows()));
    await enforcer.apply({ ...an, pauses: { [tablet.mac]: { since: 0, until: null } } });
    await eventually('the tablet has stopped', () => films[0]?.flows(250) === false, 3000);
    expect(films[1]?.flows(500)).toBe(true);
    await Promise.all(films.map((film) => film.stop()));
    await enforcer.apply({ ...an, pauses: { [tablet.mac]: { since: 0, until: Date.now() + 1500 } } });
    expect((await request(tablet, `https://${site()}/`, { timeout: 700 })).reached).toBe(false);
    await eventually('it is on', async () => (await request(tablet, `https://${site()}/`)).reached);
  });

  test('in the learning mode names of study are the resolver’s, all others the responder’s', async () => {
    const ask = async (name: string) => (await dig(tablet, name)).status;
    expect(await ask('www.example.org')).toBe('NOERROR');
    await enforcer.apply({ ...an, children: { an: { learning: { since: 0, until: Date.now() + 3000 } } } });
    expect(await ask('hocmai.vn')).toBe('NOERROR');
    expect(await ask('www.hocmai.vn')).toBe('NOERROR');
    expect(await ask('tongdai111.vn')).toBe('NOERROR');
    // Who stands in for the responder knows no name.
    expect(await ask('www.example.org')).toBe('NXDOMAIN');
    expect((await enforcer.status()).counters[counted.study]).toBe(1);
    // Nor has anybody opened the address that the resolver said.
    expect((await request(tablet, `https://${site()}/`)).reached).toBe(false);
    await eventually('it is over', async () => (await ask('www.example.org')) === 'NOERROR');
  });
});

describe('a lease that a quota ends', () => {
  const mac = (number: number) => `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;
  const devices = Array.from({ length: 50 }, (_, index) => mac(index));
  const network: Quota = {
    id: idOf('quota'),
    of: { kind: 'network' },
    minutes: [60, 60, 60, 60, 60, 60, 60],
  };
  const family: Household = {
    children: { an: { quotas: [network] } },
    devices: Object.fromEntries(devices.map((device) => [device, 'an'])),
  };
  let kernel: Nftables;
  let own: OwnRouter;

  const generation = async () => (await kernel.generation()).id;
  const ends = async () => {
    const leases = await kernel.listElements(leaseForAccess);
    expect(leases).toHaveLength(devices.length);
    return Math.max(...leases.map(({ expiration = Number.POSITIVE_INFINITY }) => expiration));
  };
  const look = async () => {
    own.enforcer.timesChanged();
    await own.enforcer.loaded();
  };

  beforeAll(async () => {
    addPorts();
    kernel = new Nftables();
    own = new OwnRouter();
    await own.enforcer.start();
    await own.apply(family);
  });
  afterAll(async () => {
    await own?.enforcer.stop();
    kernel?.close();
  });

  test('is left alone while nothing is used, however often it is looked at', async () => {
    expect(await ends()).toBeLessThanOrEqual(60 * 60_000);
    const before = await generation();
    for (let times = 0; times < 10; times++) await look();
    expect(await generation()).toBe(before);
  });

  test('ends earlier when minutes are used, for all devices in one transaction', async () => {
    const before = await generation();
    own.used = () => 50;
    await look();
    expect(await generation()).toBe(before + 1);
    expect(await ends()).toBeLessThanOrEqual(10 * 60_000);
    own.used = () => 45;
    await look();
    expect(await generation()).toBe(before + 1);
  });

  test('is renewed when it would end in less than half of what is left', async () => {
    const before = await generation();
    own.used = () => 30;
    await look();
    expect(await generation()).toBe(before + 1);
    expect(await ends()).toBeGreaterThan(29 * 60_000);
  });

  test('is gone when all is used', async () => {
    own.used = () => 60;
    await look();
    expect(await kernel.listElements(leaseForAccess)).toHaveLength(0);
  });
});

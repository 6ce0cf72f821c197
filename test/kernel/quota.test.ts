import { newId } from '@khien/shared/id';
import type { Quota } from '@khien/shared/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Device,
  dig,
  download,
  eventually,
  request,
  type Transfer,
  type VirtualHome,
} from '../home/index.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

/** A minute of use, the wait for the minute to begin, and a busy machine. */
const A_MINUTE_USED = 100_000;

/** What a family sees of quotas, from the bytes that a device streams to the cut; a minute here is a minute. */
describe('a quota', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;
  let phone: Device;
  const ofNetwork: Quota = quota({ kind: 'network' }, 2);
  const ofTiktok: Quota = quota({ kind: 'service', id: 'tiktok' }, 1);

  beforeAll(async () => {
    system = await FamilyHome.start({ sites: { 'tiktok.com': 20 } });
    ({ home, router, family, tablet } = system);
    phone = home.device('newphone');
    await family.giveDevice(phone);
    await family.setRules({
      ...(await family.rules()),
      blockedServices: [],
      blockedCategories: [],
      quotas: [ofNetwork, ofTiktok],
      quotaReset: halfADayAway(),
    });
    await system.enforced();
    await eventually('TikTok opens', async () => (await tiktok()).address?.startsWith('192.0.2.'), 20_000);
  });
  afterAll(() => system?.stop());

  const site = () => home.internet.site('hocmai.vn').v4;
  const stream = (device: Device, address: string): Transfer => download(device, `http://${address}/stream`);
  const opens = async (device: Device) =>
    (await request(device, `https://${site()}/`, { timeout: 2000 })).reached;
  const tiktok = async () => {
    const { answers, ede } = await dig(tablet, 'www.tiktok.com', { timeout: 2000 });
    return { address: answers[0]?.data, why: ede.map(({ text }) => text) };
  };
  const an = async () => {
    const [child] = (await router.status()).children;
    if (child === undefined) throw new Error('the daemon knows no child');
    return child;
  };
  const left = async (of: string) => (await an()).quotas.find((each) => each.of === of)?.left;
  const stopped = (transfers: readonly Transfer[]) => transfers.every((each) => !each.flows(500));

  it('of a service is used up by that service, and then blocks it alone, with what runs', async () => {
    const film = stream(tablet, home.internet.site('tiktok.com').v4);
    const lesson = stream(phone, site());
    await eventually('both run', () => film.flows() && lesson.flows());
    await eventually('its minute is used', async () => (await left('service tiktok')) === 0, A_MINUTE_USED);
    await eventually('TikTok has stopped', () => stopped([film]), 3000);
    await eventually('the lesson goes on', () => lesson.flows());
    expect(await tiktok()).toEqual({ address: '0.0.0.0', why: [expect.stringContaining('quota tiktok')] });
    expect(await opens(tablet)).toBe(true);
    const { stdout } = await router.khiend('explain', 'www.tiktok.com');
    expect(stdout).toMatch(/BLOCKED +service tiktok, whose time of today is used up/);
    await film.stop();

    // The phone goes on, and the tablet shares its minutes.
    const other = stream(tablet, site());
    await eventually('it runs', () => other.flows());
    await eventually('all is used', async () => (await an()).mode === 'off', A_MINUTE_USED);
    await eventually('the network has stopped on both', () => stopped([lesson, other]), 3000);
    expect([await opens(tablet), await opens(phone)]).toEqual([false, false]);
    expect(await an()).toMatchObject({ mode: 'off', reason: 'quota' });
    await Promise.all([lesson.stop(), other.stop()]);
  }, 240_000);

  it('that is used up leaves help and the child’s page', async () => {
    const help = await dig(tablet, 'tongdai111.vn');
    expect(help.status).toBe('NOERROR');
    await eventually(
      'help is reached',
      async () => (await request(tablet, `https://${help.answers[0]?.data}/`)).reached,
    );
    const page = await request(tablet, 'http://khien.home.arpa/');
    expect(page).toMatchObject({ reached: true, status: 200 });
  });

  it('is told to the cloud, and a bonus brings the network back', async () => {
    await eventually(
      'the cloud knows that all is used',
      async () => {
        const [child] = (await family.home()).profiles;
        return child?.access.reason === 'quota' && child.quotas.every(({ left }) => left === 0);
      },
      20_000,
    );
    await family.change('POST', 'child/bonuses', { quota: ofNetwork.id, minutes: 1, reason: 'rửa bát' });
    await eventually('the network is on', () => opens(tablet), 10_000);
    expect(await left('network')).toBe(1);
  });

  it('is ended by the kernel when the daemon is killed before, and what was used stays used', async () => {
    const film = stream(tablet, site());
    await eventually('it runs', () => film.flows());
    await router.kill();
    await eventually('it goes on', () => film.flows());
    await eventually('it has stopped', async () => stopped([film]) && !(await opens(tablet)), A_MINUTE_USED);
    await film.stop();
    await router.start();
    await router.reach('the policy is enforced', ({ enforcement }) => enforcement === 'enforcing');
    await eventually('the last minute is counted', async () => (await left('network')) === 0, 30_000);
    expect(await opens(tablet)).toBe(false);
  }, 180_000);
});

function quota(of: Quota['of'], minutes: number): Quota {
  return { id: newId(), of, minutes: Array.from({ length: 7 }, () => minutes) };
}

/** No quota day ends while this runs. Viet Nam's time is UTC+7. */
function halfADayAway(): string {
  return `${String((new Date().getUTCHours() + 7 + 12) % 24).padStart(2, '0')}:00`;
}

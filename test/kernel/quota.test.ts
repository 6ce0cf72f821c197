import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

const fakeTime = fileURLToPath(new URL('../system/fake-time.cjs', import.meta.url));
const PAGE = 'http://khien.home.arpa/';
const MINUTE = 60_000;
/** The rest of a minute that is near its end, or all of one that is not, and a busy machine. */
const A_MINUTE_USED = 100_000;

/**
 * What families see of quotas, from the bytes that a device streams to the cut. A minute here is a minute; but what is used in
 * it counts whole, so the daemon's clock is set to near the end of one before it is waited for.
 */
describe('a quota', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;
  let phone: Device;
  let laptop: Device;
  let clockFile: string;
  const ofTiktok: Quota = quota({ kind: 'service', id: 'tiktok' }, 1);
  const ofNetwork: Quota = quota({ kind: 'network' }, 1);

  beforeAll(async () => {
    system = await FamilyHome.start({ sites: { 'tiktok.com': 20 } });
    ({ home, router, family, tablet } = system);
    phone = home.device('newphone');
    laptop = home.device('laptop');
    await router.kill();
    clockFile = join(router.folder, 'clock');
    router.preload = { script: fakeTime, env: { KHIEN_TEST_CLOCK: clockFile } };
    await writeFile(clockFile, '0');
    await router.start();
    const free = { blockedServices: [], blockedCategories: [], quotaReset: halfADayAway() };
    await family.setRules({ ...(await family.rules()), ...free, quotas: [ofTiktok] });
    await family.addChild(phone, { name: 'Bình' });
    await family.giveDevice(laptop);
    await family.setRules({ ...(await family.rules()), ...free, quotas: [ofNetwork] });
    await system.enforced();
    await eventually('TikTok opens', tiktokOpens, 20_000);
  }, 120_000);
  afterAll(() => system?.stop());

  const site = () => home.internet.site('hocmai.vn').v4;
  const stream = (device: Device, address: string): Transfer => download(device, `http://${address}/stream`);
  const opens = async (device: Device) =>
    (await request(device, `https://${site()}/`, { timeout: 2000 })).reached;
  const tiktok = async () => {
    const { answers, ede } = await dig(tablet, 'www.tiktok.com', { timeout: 2000 });
    return { address: answers[0]?.data, why: ede.map(({ text }) => text) };
  };
  const tiktokOpens = async () => (await tiktok()).address?.startsWith('192.0.2.') === true;
  const child = async (name: string) => {
    const found = (await router.status()).children.find((each) => each.name === name);
    if (found === undefined) throw new Error(`the daemon does not know ${name}`);
    return found;
  };
  const left = async (name: string) => (await child(name)).quotas[0]?.left;
  const stopped = (transfers: readonly Transfer[]) => transfers.every((each) => !each.flows(500));
  /** As NTP does it. */
  const setClockNearTheEndOfAMinute = async () => {
    const wrong = Number(await readFile(clockFile, 'utf8'));
    const second = ((Date.now() + wrong) % MINUTE) / 1000;
    if (second < 30) await writeFile(clockFile, String(wrong + (30 - second) * 1000));
  };

  it('is used up in the same minute by one child’s service and by all devices of another, and ends just that', async () => {
    await setClockNearTheEndOfAMinute();
    const film = stream(tablet, home.internet.site('tiktok.com').v4);
    const lesson = stream(tablet, site());
    const shared = [stream(phone, site()), stream(laptop, site())];
    await eventually('all run', () => [film, lesson, ...shared].every((each) => each.flows()));
    const endedAt = { service: 0, network: 0 };
    await Promise.all([
      eventually('TikTok’s minute is used', async () => (await left('An')) === 0, A_MINUTE_USED)
        .then(() => eventually('TikTok has stopped', () => stopped([film]), 3000))
        .then(() => (endedAt.service = performance.now())),
      eventually('the network’s is used', async () => (await child('Bình')).mode === 'off', A_MINUTE_USED)
        .then(() => eventually('the network has stopped on both', () => stopped(shared), 3000))
        .then(() => (endedAt.network = performance.now())),
    ]);
    expect(Math.abs(endedAt.service - endedAt.network)).toBeLessThan(MINUTE / 2);
    await eventually('the lesson goes on', () => lesson.flows());
    expect(await tiktok()).toEqual({ address: '0.0.0.0', why: [expect.stringContaining('quota tiktok')] });
    expect([await opens(tablet), await opens(phone), await opens(laptop)]).toEqual([true, false, false]);
    expect(await child('Bình')).toMatchObject({ mode: 'off', reason: 'quota' });
    const { stdout } = await router.khiend('explain', 'www.tiktok.com', tablet.mac);
    expect(stdout).toMatch(/BLOCKED +service tiktok, whose time of today is used up/);
    await Promise.all([film, lesson, ...shared].map((each) => each.stop()));
  }, 150_000);

  it('that is used up leaves help and the child’s page', async () => {
    const help = await dig(phone, 'tongdai111.vn');
    expect(help.status).toBe('NOERROR');
    await eventually(
      'help is reached',
      async () => (await request(phone, `https://${help.answers[0]?.data}/`)).reached,
    );
    const page = await request(phone, PAGE);
    expect(page).toMatchObject({ reached: true, status: 200 });
  });

  it('of a service is lengthened when the child asks for more of it, and its parents give it', async () => {
    const sent = await request(tablet, `${PAGE}request`, {
      method: 'POST',
      headers: { Origin: PAGE.slice(0, -1), 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'ask=time&minutes=15&of=service%3Atiktok&text=',
    });
    expect(sent).toMatchObject({ reached: true, status: 303, headers: { location: '/?sent=time' } });
    const asked = await eventually(
      'the parents are asked',
      async () => (await family.home()).openRequests[0],
      20_000,
    );
    expect(asked).toMatchObject({ ask: 'time', minutes: 15, quota: { kind: 'service', id: 'tiktok' } });
    await family.change('POST', `requests/${asked.id}/answer`, { granted: true, minutes: 15, reply: '' });
    await eventually('TikTok opens again', tiktokOpens, 10_000);
    expect(await left('An')).toBe(15);
    const film = stream(tablet, home.internet.site('tiktok.com').v4);
    await eventually('it runs again', () => film.flows());
    await film.stop();
    expect(await child('Bình')).toMatchObject({ mode: 'off' });
  }, 60_000);

  it('is told to the cloud, and a bonus brings the network back', async () => {
    await eventually(
      'the cloud knows that all is used',
      async () => {
        const told = (await family.home()).profiles.find(({ name }) => name === 'Bình');
        return told?.access.reason === 'quota' && told.quotas.every(({ left }) => left === 0);
      },
      20_000,
    );
    await family.change('POST', 'child/bonuses', { quota: ofNetwork.id, minutes: 1, reason: 'rửa bát' });
    await eventually('the network is on', () => opens(phone), 10_000);
    expect(await left('Bình')).toBeGreaterThan(0);
  });

  it('is ended by the kernel when the daemon is killed before, and what was used stays used', async () => {
    await setClockNearTheEndOfAMinute();
    const film = stream(phone, site());
    await eventually('it runs', () => film.flows());
    await eventually('the end is near', async () => ((await left('Bình')) ?? 1) < 0.5, A_MINUTE_USED);
    await router.kill();
    await eventually('it goes on', () => film.flows());
    await eventually('it has stopped', async () => stopped([film]) && !(await opens(phone)), A_MINUTE_USED);
    await film.stop();
    await router.start();
    await router.reach('the policy is enforced', ({ enforcement }) => enforcement === 'enforcing');
    await eventually('the last minute is counted', async () => (await left('Bình')) === 0, 30_000);
    expect(await opens(phone)).toBe(false);
  }, 240_000);
});

function quota(of: Quota['of'], minutes: number): Quota {
  return { id: newId(), of, minutes: Array.from({ length: 7 }, () => minutes) };
}

/** No quota day ends while this runs. Viet Nam's time is UTC+7. */
function halfADayAway(): string {
  return `${String((new Date().getUTCHours() + 7 + 12) % 24).padStart(2, '0')}:00`;
}

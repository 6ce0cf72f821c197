import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { vi } from '../../cloud/web/src/language/vi.ts';
import { openBrowser, screenshot } from '../home/browser.ts';
import { type Device, dig, eventually } from '../home/index.ts';
import { cloudUrl } from '../system/cloud.ts';
import { FamilyHome } from '../system/family-home.ts';

const model = { vendorClass: 'android-dhcp-13', asksFor: [1, 3, 6, 15, 26, 28, 51, 58, 59] };
const NEW_ADDRESS = '5a:3e:91:7c:20:99';
/** The machine is shared, and what travels to the router and back is tried more than once. */
const PATIENCE = 20_000;

/*
 * A school week: limits of time, study, and a tablet that changes its address. What the parent taps in a real browser is
 * seen in what the child's device can open.
 */
describe('a school week', () => {
  let system: FamilyHome;
  let tablet: Device;
  let parent: Page;
  const pageErrors: string[] = [];

  beforeAll(async () => {
    system = await FamilyHome.start({
      devices: { tablet: { mac: '5a:3e:91:7c:20:03', hostname: 'may-cua-An', ...model } },
    });
    tablet = system.tablet;
    // What it told before the daemon's hook was there, once more.
    await tablet.dhcp();
    parent = (await openBrowser(system.home.phone)).page;
    parent.setDefaultTimeout(10_000);
    parent.on('pageerror', (error) => pageErrors.push(error.message));
    await parent.goto(`${cloudUrl}/sign-in`);
    await parent.getByLabel(vi.account.email).fill('me@khien.example');
    await parent.getByLabel(vi.account.password, { exact: true }).fill('mot gia dinh vui ve');
    await tap(vi.account.signIn);
    await open(/^An/);
  });
  afterAll(() => system?.stop());

  // A story whose first half failed has no second half.
  let broken = false;
  beforeEach(({ skip }) => {
    if (broken) skip('the step before failed');
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    broken = true;
    await screenshot(parent, 'week-failed');
    console.error(pageErrors, system.router.process.log().slice(-2000), system.cloud.log().slice(-2000));
  });

  const tap = (name: string, exact = true): Promise<void> =>
    parent.getByRole('button', { name, exact }).first().click();
  const open = (name: string | RegExp): Promise<void> => parent.getByRole('link', { name }).first().click();
  const sees = (text: string | RegExp): Promise<void> => parent.getByText(text).first().waitFor();
  const opens = async (name: string): Promise<boolean> => {
    const { status, answers } = await dig(tablet, name, { timeout: 2000 });
    return status === 'NOERROR' && answers.length > 0 && answers.every(({ data }) => data !== '0.0.0.0');
  };
  const becomes = (name: string, open: boolean): Promise<unknown> =>
    eventually(`${name} is ${open ? 'open' : 'closed'}`, async () => (await opens(name)) === open, PATIENCE);

  it('1. a limit that leaves no minutes closes YouTube, and a reward opens it', async () => {
    expect(await opens('www.youtube.com')).toBe(true);
    await open(new RegExp(`^${vi.quota.title}`));
    await tap(vi.quota.add);
    await parent.getByLabel(vi.quota.search).fill('youtube');
    await tap('YouTube');
    await parent.getByLabel(vi.quota.schoolDays).selectOption('0');
    await parent.getByLabel(vi.quota.weekend).selectOption('0');
    await screenshot(parent, 'week-1-limit');
    await tap(vi.common.save);
    await becomes('www.youtube.com', false);
    expect(await opens('vnexpress.net')).toBe(true);

    await parent.goBack();
    await sees(vi.quota.notToday);
    await tap(vi.quota.rewardOf('An'));
    await parent.getByRole('radio', { name: 'YouTube' }).press('Space');
    await parent
      .getByLabel(new RegExp(vi.quota.rewardReason.replace('?', '\\?')))
      .fill('Con giúp mẹ nấu cơm');
    await screenshot(parent, 'week-1-reward');
    await tap(vi.quota.giveReward('15 phút'));
    await sees(vi.quota.left('15 phút', '15 phút'));
    await becomes('www.youtube.com', true);
    await screenshot(parent, 'week-1-rewarded');
  });

  it('2. in study time only what study needs is open; it ends when the parent deletes it', async () => {
    await open(new RegExp(`^${vi.child.schedules}`));
    await tap(vi.child.addSchedule);
    await parent.getByRole('radio', { name: vi.schedule.modes.learning.name }).press('Space');
    for (const day of ['Thứ Sáu', 'Thứ Bảy']) {
      await parent.getByRole('checkbox', { name: day }).press('Space');
    }
    for (const label of [vi.schedule.from, vi.schedule.to]) {
      await parent.getByLabel(label, { exact: true }).fill('00:00');
    }
    await screenshot(parent, 'week-2-study-time');
    await tap(vi.common.save);
    await becomes('vnexpress.net', false);
    expect(await opens('hocmai.vn')).toBe(true);
    await parent.goBack();
    await sees(vi.access.studyTime(vi.schedule.defaultNames.learning));
    await screenshot(parent, 'week-2-child');

    await open(new RegExp(`^${vi.child.schedules}`));
    await tap(vi.schedule.defaultNames.learning, false);
    await tap(vi.child.removeSchedule);
    await becomes('vnexpress.net', true);
  });

  it('3. the tablet comes back under another address; the parent says that it is An’s', async () => {
    await open(vi.navigation.home);
    await tablet.changeMac(NEW_ADDRESS);
    const question = parent.getByRole('article', { name: vi.devices.resembles('may-cua-An', 'An') });
    await question.waitFor({ timeout: PATIENCE });
    await screenshot(parent, 'week-3-question');
    await question.getByRole('button', { name: vi.devices.yes }).click();
    await sees(vi.devices.confirmed('An'));
    await question.waitFor({ state: 'detached' });
    const addresses = async () => {
      const { devices, profiles } = await system.family.home();
      return devices.find(({ profile }) => profile === profiles[0]?.id)?.macs ?? [];
    };
    expect(await addresses()).toHaveLength(2);
    await tap(vi.common.undo);
    await eventually('they are two again', async () => (await addresses()).length === 1, PATIENCE);
    expect(pageErrors).toEqual([]);
  });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../cloud/web/src/language/en.ts';
import { vi } from '../../cloud/web/src/language/vi.ts';
import { vi as childTexts } from '../../daemon/src/portal/language/vi.ts';
import { openBrowser, screenshot } from '../home/browser.ts';
import { eventually, VirtualHome } from '../home/index.ts';
import { CloudSystem, cloudUrl } from '../system/cloud.ts';
import { RouterSystem } from '../system/router.ts';

/** From the QR code on the router's page to a router that the next family has, as parents tap it. In order. */
describe('the address in the QR code', () => {
  let home: VirtualHome;
  let router: RouterSystem;
  let tablet: Page;
  let parent: Page;
  let address: string;

  beforeAll(async () => {
    home = await VirtualHome.start();
    const data = mkdtempSync(join(tmpdir(), 'khien-claim-'));
    const cloud = new CloudSystem(home, join(data, 'cloud'));
    await cloud.start();
    router = new RouterSystem(home, join(data, 'router'), cloud);
    await router.start();
    tablet = (await openBrowser(home.device('tablet'))).page;
    parent = (await openBrowser(home.phone)).page;
    for (const page of [tablet, parent]) page.setDefaultTimeout(15_000);
  });
  afterAll(() => home?.stop());

  const claimCode = () =>
    eventually('there is a claim code', async () => (await router.status()).cloud.claimCode);
  const signUp = async (page: Page, name: string) => {
    await page.getByRole('button', { name: vi.security.withPassword, exact: true }).click();
    await page.getByLabel(vi.account.yourName, { exact: true }).fill(name);
    await page.getByLabel(vi.account.email).fill(`${name}@khien.example`);
    await page.getByLabel(vi.account.password, { exact: true }).fill('mot gia dinh vui ve');
    await page.getByRole('button', { name: vi.account.signUp, exact: true }).first().click();
  };

  it('is shown on the page of a router that nobody has claimed', async () => {
    const code = await claimCode();
    await tablet.goto('http://khien.home.arpa/');
    await tablet.getByRole('img', { name: childTexts.guest.claimQr }).waitFor();
    await tablet.getByText(childTexts.guest.claimHeading).scrollIntoViewIfNeeded();
    await screenshot(tablet, 'claim-1-router-page');
    address = (await tablet.getByRole('link', { name: childTexts.guest.open }).getAttribute('href')) ?? '';
    expect(address).toBe(`${cloudUrl}/claim?code=${code}`);
  });

  it('leads who has no account yet through signing up to the code filled in', async () => {
    await parent.goto(address);
    await parent.getByRole('link', { name: vi.account.signUp }).first().click();
    await signUp(parent, 'lan');
    await parent.getByRole('heading', { name: vi.connect.title }).waitFor();
    await screenshot(parent, 'claim-2-filled-in');
    expect(await parent.getByLabel(vi.connect.code).inputValue()).toBe(
      new URL(address).searchParams.get('code'),
    );
    await parent.getByRole('button', { name: vi.connect.submit, exact: true }).click();
    await parent.getByText(vi.connect.online).first().waitFor();
  });

  it('of a router that its family gives away works for the next, and waits for it on its page', async () => {
    await parent.goto(`${cloudUrl}/settings`);
    await parent.getByRole('button', { name: vi.routers.part }).click();
    await parent.getByText(vi.routers.leave.ways.give.label).waitFor();
    await screenshot(parent, 'claim-3-part-vi');
    await parent.getByRole('button', { name: vi.common.close }).click();
    await parent.getByRole('radio', { name: vi.settings.english }).first().press('Space');
    await parent.getByRole('button', { name: en.routers.part }).click();
    await parent.getByText(en.routers.leave.ways.stolen.label).waitFor();
    await screenshot(parent, 'claim-3-part-en');
    await parent.getByRole('button', { name: en.routers.leave.confirm.give, exact: true }).click();
    const code = (await parent.getByLabel(en.routers.given.code).textContent())?.trim() ?? '';
    expect(code).toMatch(/^\w{4}-\w{4}-\w{4}$/);
    await screenshot(parent, 'claim-4-given-en');

    await router.reach('it waits', ({ cloud }) => cloud.connected && cloud.claimCode === null);
    await eventually('its page says so', async () => {
      await tablet.goto('http://khien.home.arpa/');
      return (await tablet.content()).includes(childTexts.guest.claimPrinted(new URL(cloudUrl).host));
    });
    await tablet.getByText(childTexts.guest.claimHeading).scrollIntoViewIfNeeded();
    await screenshot(tablet, 'claim-5-waiting');

    const next = (await openBrowser(home.phone)).page;
    next.setDefaultTimeout(15_000);
    await next.goto(`${cloudUrl}/claim?code=${code}`);
    await next.getByRole('link', { name: vi.account.signUp }).first().click();
    await signUp(next, 'hoa');
    await next.getByRole('button', { name: vi.connect.submit, exact: true }).click();
    await next.getByText(vi.connect.online).first().waitFor();
  });
});

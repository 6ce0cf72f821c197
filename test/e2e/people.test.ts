import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '@khien/cloud/config';
import { freePort } from '@khien/cloud/free-port.fixture';
import { CloudServer } from '@khien/cloud/server';
import { openStore } from '@khien/cloud/store/open';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { en } from '../../cloud/web/src/language/en.ts';
import { vi } from '../../cloud/web/src/language/vi.ts';
import { screenshot } from '../home/browser.ts';

const web = fileURLToPath(new URL('../../cloud/web/dist/', import.meta.url));

/** A phone with a lock of its own: its passkeys stay on it. */
interface Phone {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly errors: string[];
}

/*
 * Who a family is, and how its adults sign in: told in order, in a real browser with Chromium's virtual authenticator
 * (WebDriver extension of WebAuthn Level 3 §11). On localhost, which has passkeys without TLS.
 */
describe('the people of a family', () => {
  let folder: string;
  let cloud: CloudServer;
  let address: string;
  let browser: Browser;
  let mother: Phone;
  let grandmother: Phone;
  let codes: string[] = [];
  let link = '';

  const start = async (publicUrl?: string): Promise<{ server: CloudServer; at: string }> => {
    const port = await freePort();
    const config = readConfig({
      KHIEN_DATA: join(folder, publicUrl === undefined ? 'data' : 'other'),
      KHIEN_HTTP_LISTEN: `127.0.0.1:${port}`,
      KHIEN_PUBLIC_URL: publicUrl ?? `http://localhost:${port}`,
      KHIEN_MQTT_LISTEN: `127.0.0.1:${await freePort()}`,
      KHIEN_MQTT_URL: 'mqtts://localhost:8883',
      KHIEN_LOG: 'silent',
    });
    const server = new CloudServer(config, web);
    await server.start();
    return { server, at: `http://localhost:${port}` };
  };

  const openPhone = async (locale: 'vi-VN' | 'en-US'): Promise<Phone> => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      locale,
      timezoneId: 'Asia/Ho_Chi_Minh',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return { page, cdp, errors };
  };

  const tap = ({ page }: Phone, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).first().click();
  const follow = ({ page }: Phone, name: string | RegExp): Promise<void> =>
    page.getByRole('link', { name }).first().click();
  const sees = ({ page }: Phone, text: string | RegExp): Promise<void> =>
    page.getByText(text).first().waitFor();
  const open = async ({ page }: Phone, path: string): Promise<void> => {
    await page.goto(`${address}${path}`);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khien-people-'));
    ({ server: cloud, at: address } = await start());
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    mother = await openPhone('vi-VN');
    grandmother = await openPhone('en-US');
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  // A story whose first half failed has no second half.
  let broken = false;
  beforeEach(({ skip }) => {
    if (broken) skip('the step before failed');
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    broken = true;
    await screenshot(mother.page, 'people-failed-mother');
    await screenshot(grandmother.page, 'people-failed-grandmother');
    console.error(mother.errors, grandmother.errors);
  });

  it('1. the mother signs up with a passkey: no email, no password', async () => {
    await open(mother, '/');
    await screenshot(mother.page, 'people-1-sign-in');
    await follow(mother, vi.account.signUp);
    await mother.page.getByLabel(vi.account.yourName, { exact: true }).fill('Lan');
    await screenshot(mother.page, 'people-1-sign-up');
    await tap(mother, vi.security.signUpPasskey);
    await mother.page.getByRole('heading', { name: vi.connect.title }).waitFor();
  });

  it('2. makes recovery codes, which are seen once', async () => {
    await open(mother, '/account');
    await sees(mother, vi.security.noCodes);
    await screenshot(mother.page, 'people-2-security');
    await tap(mother, vi.security.codesMake);
    const list = mother.page.getByRole('list', { name: vi.security.codes });
    await list.waitFor();
    codes = await list.getByRole('listitem').allTextContents();
    expect(codes).toHaveLength(10);
    await screenshot(mother.page, 'people-2-codes');
    const download = mother.page.waitForEvent('download');
    await follow(mother, vi.security.codesDownload);
    expect((await download).suggestedFilename()).toBe('khien-recovery-codes.txt');
    await tap(mother, vi.security.codesSaved);
    await sees(mother, /Còn 10 mã/);
  });

  it('3. signs out, and in again with a touch', async () => {
    await open(mother, '/settings');
    await tap(mother, vi.settings.signOut);
    await tap(mother, vi.security.signInPasskey);
    await mother.page.getByRole('navigation', { name: vi.app.navigation }).waitFor();
  });

  it('4. invites the grandmother; who holds the phone is asked for once more', async () => {
    const store = await openStore(join(folder, 'data', 'khien.sqlite'));
    await store.db.updateTable('session').set({ authenticated_at: 1 }).execute();
    await store.close();
    await open(mother, '/people');
    await sees(mother, vi.members.invitationsNone);
    await screenshot(mother.page, 'people-4-people');
    await tap(mother, vi.members.invite);
    await mother.page.getByLabel(new RegExp(vi.members.inviteFor.replace('?', '\\?'))).fill('Bà ngoại');
    await screenshot(mother.page, 'people-4-invite');
    await tap(mother, vi.members.inviteMake);
    await mother.page.getByRole('heading', { name: vi.security.confirmTitle }).waitFor();
    await screenshot(mother.page, 'people-4-confirm');
    await tap(mother, vi.security.confirmPasskey);
    await mother.page.getByRole('heading', { name: vi.members.linkTitle }).waitFor();
    await screenshot(mother.page, 'people-4-link');
    link = (await mother.page.getByText(/\/join#/).textContent()) ?? '';
    expect(link).toMatch(/^http:\/\/localhost:\d+\/join#[\w-]{43}$/);
    await tap(mother, vi.common.done);
    await sees(mother, 'Bà ngoại');
  });

  it('5. the grandmother opens the link, signs up with her own passkey, and belongs to the family', async () => {
    await grandmother.page.goto(link);
    await sees(grandmother, en.members.joinTitle('Lan'));
    await screenshot(grandmother.page, 'people-5-join');
    await tap(grandmother, en.members.joinNew);
    await grandmother.page.getByLabel(en.account.yourName, { exact: true }).fill('Bà Tư');
    await screenshot(grandmother.page, 'people-5-sign-up');
    await tap(grandmother, en.security.signUpPasskey);
    await grandmother.page.getByRole('navigation', { name: en.app.navigation }).waitFor();
    await open(grandmother, '/people');
    await sees(grandmother, 'Bà Tư (you)');
    await screenshot(grandmother.page, 'people-5-people');
    await open(mother, '/people');
    await sees(mother, 'Bà Tư');
    await sees(mother, vi.members.invitationsNone);

    const stranger = await openPhone('en-US');
    await stranger.page.goto(link);
    await sees(stranger, en.members.joinOver);
    await screenshot(stranger.page, 'people-5-join-over');
    await stranger.page.context().close();
  });

  it('6. the mother loses her phone, and comes back with a code on a new one', async () => {
    const found = await openPhone('vi-VN');
    await open(found, '/');
    await tap(found, vi.security.signInPasskey);
    await sees(found, vi.errors.PASSKEY_CANCELLED);
    await follow(found, vi.security.useCode);
    await found.page.getByLabel(vi.security.code, { exact: true }).fill('AAAA-BBBB-CCCC-DDDD');
    await tap(found, vi.security.recover);
    await sees(found, vi.errors.RECOVERY_CODE_WRONG);
    await screenshot(found.page, 'people-6-code-wrong');
    await found.page.getByLabel(vi.security.code, { exact: true }).fill(codes[0]?.toLowerCase() ?? '');
    await tap(found, vi.security.recover);
    await found.page.getByRole('heading', { name: vi.security.renewTitle }).waitFor();
    await screenshot(found.page, 'people-6-renew');
    // Nothing else opens, whatever the address.
    await open(found, '/settings');
    await found.page.getByRole('heading', { name: vi.security.renewTitle }).waitFor();
    await tap(found, vi.security.renewPasskey);
    await found.page.getByRole('navigation', { name: vi.app.navigation }).waitFor();

    await open(found, '/account');
    await sees(found, /Còn 9 mã/);
    await open(mother, '/account');
    await mother.page.getByRole('heading', { name: vi.account.signInTitle }).waitFor();
    expect(found.errors).toEqual([]);
    mother = found;
  });

  it('7. without https and a name there is the password, and why is said', async () => {
    const { server, at } = await start('http://192.168.1.2:8080');
    const visitor = await openPhone('vi-VN');
    await visitor.page.goto(`${at}/sign-up`);
    await sees(visitor, vi.security.hindered.server);
    await visitor.page.getByLabel(vi.account.yourName, { exact: true }).fill('Hoa');
    await visitor.page.getByLabel(vi.account.email).fill('hoa@khien.example');
    await visitor.page.getByLabel(vi.account.password, { exact: true }).fill('mot gia dinh vui ve');
    await screenshot(visitor.page, 'people-7-password-only');
    await tap(visitor, vi.account.signUp);
    await visitor.page.getByRole('heading', { name: vi.connect.title }).waitFor();
    expect(visitor.errors).toEqual([]);
    await server.stop();
  });

  it('nothing went wrong on the way', () => {
    expect(mother.errors).toEqual([]);
    expect(grandmother.errors).toEqual([]);
  });
});

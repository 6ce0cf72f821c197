import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Id, newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Parent, TestCloud } from '../../cloud/src/cloud.fixture.ts';
import { fanOut } from '../../cloud/src/push/fan-out.ts';
import { makeWeeks } from '../../cloud/src/weekly/rounds.ts';
import { ZoneClock } from '../../cloud/src/zone/clock.ts';
import { en } from '../../cloud/web/src/language/en.ts';
import { vi } from '../../cloud/web/src/language/vi.ts';
import { screenshot } from '../home/browser.ts';

const web = process.env.KHIEN_WEB ?? fileURLToPath(new URL('../../cloud/web/dist', import.meta.url));
const HOUR = 60 * MINUTE;

/*
 * What a parent is told, seen in a real browser: the cloud's own pages and API, and the service worker that shows pushes,
 * which Chromium hands it as a push service would.
 */
describe('what a parent is told', () => {
  let cloud: TestCloud;
  let parent: Parent;
  let router: Id;
  let profile: Id;
  let device: Id;
  let origin: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const pageErrors: string[] = [];

  const header = () => ({ id: newId(cloud.now), at: cloud.now, timeSource: 'ntp' }) as const;
  const span = (count: number) => ({
    profile,
    device,
    burst: newId(cloud.now),
    count,
    firstAt: cloud.now,
    lastAt: cloud.now,
  });
  const deps = () => ({
    store: cloud.store,
    changes: cloud.changes,
    zones: new ZoneClock(),
    now: () => cloud.now,
  });

  beforeAll(async () => {
    expect(existsSync(`${web}/index.html`), 'the web UI is built').toBe(true);
    cloud = await TestCloud.start({ web, publicUrl: 'http://localhost' });
    // A Monday, noon in Viet Nam.
    cloud.now = Date.parse('2026-06-01T12:00:00+07:00');
    parent = await cloud.signUp();
    router = await cloud.claimRouter(parent);
    profile = await parent.addChild();
    device = await cloud.findDevice(parent, router, '3c:22:fb:00:00:01', 'may-cua-Mai');
    await parent.patch(`/devices/${device}`, { profile });
    await liveAWeek();
    origin = (await cloud.app.listen({ host: '127.0.0.1', port: 0 })).replace('127.0.0.1', 'localhost');
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    ({ context, page } = await open('vi-VN'));
    page.on('pageerror', (error) => pageErrors.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
  });

  /** Noon of each day of a week, as a home is; it ends on Monday morning. */
  async function liveAWeek(): Promise<void> {
    const target = { kind: 'service', id: 'tiktok', name: 'tiktok.com' } as const;
    for (let i = 0; i < 7; i += 1) {
      const day = `2026-06-0${i + 1}`;
      await cloud.ingest.ingest(router, [
        { ...header(), kind: 'usage', profile, day, of: { kind: 'network' }, minutes: 40 + ((i * 37) % 90) },
        { ...header(), ...span(3 + i), kind: 'blocked', target },
        ...(i === 2
          ? [{ ...header(), ...span(2), kind: 'bypass', method: 'vpn', service: null } as const]
          : []),
        ...(i > 4
          ? [{ ...header(), kind: 'quota-spent', profile, of: { kind: 'network' }, minutes: 120 } as const]
          : []),
      ]);
      cloud.now += DAY;
    }
    cloud.now = Date.parse('2026-06-08T07:00:00+07:00');
    await makeWeeks(deps());
    cloud.now += 2 * HOUR;
    await cloud.findDevice(parent, router, '02:00:00:00:00:10', 'galaxy-a12');
    await cloud.ingest.ingest(router, [
      { ...header(), kind: 'device-changed', mac: '3c:22:fb:00:00:01', evidence: ['two-places'] },
      { ...header(), ...span(18), kind: 'bypass', method: 'doh', service: null },
      {
        ...header(),
        kind: 'request',
        profile,
        device,
        request: newId(),
        ask: 'time',
        minutes: 30,
        text: 'con xin',
      },
    ]);
  }

  async function open(locale: 'vi-VN' | 'en-US'): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      locale,
      timezoneId: 'Asia/Ho_Chi_Minh',
      permissions: ['notifications'],
    });
    const cookies = parent.cookie.split('; ').map((cookie) => {
      const [name = '', value = ''] = cookie.split('=');
      return { name, value, url: origin };
    });
    await context.addCookies(cookies);
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(origin);
    return { context, page };
  }
  const sees = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('the bell counts what was not seen, and the list says it in plain words', async () => {
    const { unread } = (await parent.get('/notifications')).json();
    expect(unread).toBeGreaterThan(3);
    const bell = page.getByRole('link', { name: vi.notifications.bellUnread(unread) });
    await bell.waitFor();
    await screenshot(page, 'notifications-bell');
    await bell.click();
    await sees(vi.requests.asksTime('Mai', '30 phút', undefined));
    await sees(vi.notifications.newDevice('galaxy-a12'));
    await sees(vi.notifications.bypass('Mai'));
    await screenshot(page, 'notifications-list');
    await page.getByRole('link', { name: vi.navigation.home }).last().click();
    await page.getByRole('link', { name: vi.notifications.bell, exact: true }).waitFor();
    expect((await parent.get('/notifications')).json()).toMatchObject({ unread: 0 });
  });

  it('what comes while the page is open counts at once', async () => {
    await cloud.ingest.ingest(router, [
      {
        ...header(),
        kind: 'request',
        profile,
        device,
        request: newId(),
        ask: 'help',
        minutes: 0,
        text: 'con sợ',
      },
    ]);
    await page.getByRole('link', { name: vi.notifications.bellUnread(1) }).waitFor();
  });

  it('channels, quiet hours and the lock screen are chosen, and kept', async () => {
    await page.goto(`${origin}/notifications/settings`);
    await sees(vi.notifications.pushOff);
    await screenshot(page, 'notifications-settings');
    await page.getByRole('switch', { name: vi.notifications.details }).check();
    const bypass = page.getByRole('group', { name: vi.notifications.kinds.bypass.name });
    await bypass.getByRole('radio', { name: vi.notifications.channels['in-app'] }).press('Space');
    expect(await page.getByRole('group', { name: vi.notifications.kinds.help.name }).count()).toBe(0);
    await page.getByRole('button', { name: vi.notifications.quietAdd }).click();
    await page.getByLabel(vi.schedule.from, { exact: true }).fill('21:30');
    await screenshot(page, 'notifications-quiet');
    await page.getByRole('button', { name: vi.common.save }).click();
    await page.getByRole('button', { name: /21:30/ }).waitFor();
    await expect
      .poll(async () => (await parent.get('/notification-settings')).json())
      .toMatchObject({
        details: true,
        channels: { bypass: 'in-app', help: 'push' },
        quiet: [{ days: [1, 2, 3, 4, 5, 6, 7], start: '21:30', end: '06:30' }],
      });
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await screenshot(page, 'notifications-channels');
  });

  it('what a router told by a wrong clock is shown as a guess', async () => {
    const told = Date.UTC(1970, 0, 1, 3);
    await cloud.ingest.ingest(router, [
      {
        ...{ ...header(), at: told, timeSource: 'unsynced', kind: 'blocked', ...span(2) },
        ...{ firstAt: told - 2 * MINUTE, lastAt: told - MINUTE },
        target: { kind: 'service', id: 'zalo', name: 'zalo.me' },
      },
      {
        ...{ ...header(), at: told, timeSource: 'unsynced' },
        ...{ kind: 'quota-spent', profile, of: { kind: 'service', id: 'zalo' }, minutes: 60 },
      },
    ]);
    await page.goto(`${origin}/activity`);
    const row = page.getByRole('listitem').filter({ hasText: 'Zalo' });
    await row.getByText(/^khoảng \d\d:\d\d \(/).waitFor();
    const others = page.getByRole('listitem').filter({ hasText: 'TikTok' }).first();
    expect(await others.innerText()).not.toContain('khoảng');
    await page.goto(`${origin}/notifications`);
    const news = page.getByRole('listitem').filter({ hasText: vi.notifications.quota('Mai', 'Zalo') });
    await news.getByText(/^khoảng \d\d:\d\d \(/).waitFor();
    const sure = page
      .getByRole('listitem')
      .filter({ hasText: vi.notifications.bypass('Mai') })
      .first();
    expect(await sure.innerText()).not.toContain('khoảng');
  });

  it('the summary of the week says how it was', async () => {
    await page.goto(`${origin}/weekly`);
    await sees(vi.weekly.bypass);
    await sees(vi.weekly.first);
    await page.screenshot({
      path: fileURLToPath(new URL('../../screenshots/weekly.png', import.meta.url)),
      fullPage: true,
    });
    await page.getByRole('link', { name: vi.weekly.toUsage('Mai') }).waitFor();
  });

  it('a push is shown by the service worker, and is gone when it is tapped', async () => {
    await page.goto(origin);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const devtools = await context.newCDPSession(page);
    const registration = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [one] = registrations;
        if (one !== undefined) resolve(one.registrationId);
      });
    });
    await devtools.send('ServiceWorker.enable');
    const message = { title: 'Khiên', body: vi.notifications.title, url: '/requests', tag: 'x' };
    await devtools.send('ServiceWorker.deliverPushMessage', {
      origin,
      registrationId: await registration,
      data: JSON.stringify(message),
    });
    const shown = () =>
      page.evaluate(async () => {
        const { getNotifications } = await navigator.serviceWorker.ready.then((ready) => ({
          getNotifications: () => ready.getNotifications(),
        }));
        return (await getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
      });
    await expect.poll(shown).toEqual([{ title: 'Khiên', body: vi.notifications.title, tag: 'x' }]);

    const [worker] = context.serviceWorkers();
    await worker?.evaluate(() => {
      const scope: unknown = globalThis;
      return tap(scope as Scope);
      interface Scope extends EventTarget {
        registration: ServiceWorkerRegistration;
        NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
      }
      async function tap(worker: Scope): Promise<void> {
        const [notification] = await worker.registration.getNotifications();
        if (notification !== undefined) {
          worker.dispatchEvent(new worker.NotificationEvent('notificationclick', { notification }));
        }
      }
    });
    await expect.poll(shown).toEqual([]);
    expect(pageErrors).toEqual([]);
  });

  it('in English it is said in English', async () => {
    await fanOut(deps());
    const english = await open('en-US');
    await english.page.goto(`${origin}/notifications`);
    await english.page
      .getByText(en.requests.asksTime('Mai', '30 minutes', undefined))
      .first()
      .waitFor();
    await screenshot(english.page, 'notifications-list-en');
    await english.page.goto(`${origin}/weekly`);
    await english.page.getByText(en.weekly.bypass).first().waitFor();
    await screenshot(english.page, 'weekly-en');
    await english.page.goto(`${origin}/notifications/settings`);
    await english.page.getByText(en.notifications.quietText).first().waitFor();
    await screenshot(english.page, 'notifications-settings-en');
    await english.context.close();
  });

  it('help is there for who has a phone that knows nothing, and no connection', async () => {
    const other = await open('vi-VN');
    await other.page.getByRole('link', { name: vi.navigation.home, exact: true }).first().waitFor();
    await other.page.evaluate(() => localStorage.clear());
    await other.context.route('**/api/**', (route) => route.abort());
    await other.page.goto(origin);
    await other.page.getByText(vi.errors.NETWORK).waitFor();
    await screenshot(other.page, 'no-connection');
    await other.page.getByRole('link', { name: vi.home.help }).click();
    await other.page.getByRole('heading', { name: vi.contacts.title }).waitFor();
    expect(await other.page.locator('a[href="tel:111"]').count()).toBe(1);
    await other.context.close();
  });

  it('whose session has ended is told so where they sign in again', async () => {
    await cloud.store.db.deleteFrom('session').execute();
    await page.goto(`${origin}/requests`);
    await page.getByRole('heading', { name: vi.account.signInTitle }).waitFor();
    await page.getByRole('status').getByText(vi.errors.UNAUTHENTICATED).waitFor();
    expect(await page.title()).toBe(`${vi.account.signInTitle} · ${vi.app.name}`);
    await page.reload();
    await page.getByRole('heading', { name: vi.account.signInTitle }).waitFor();
    expect(await page.getByText(vi.errors.UNAUTHENTICATED).count()).toBe(0);
  });
});

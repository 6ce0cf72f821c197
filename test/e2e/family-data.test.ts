import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '@khien/cloud/config';
import { freePort } from '@khien/cloud/free-port.fixture';
import { CloudServer } from '@khien/cloud/server';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../cloud/web/src/language/en.ts';
import { vi } from '../../cloud/web/src/language/vi.ts';
import { screenshot } from '../home/browser.ts';

const web = fileURLToPath(new URL('../../cloud/web/dist/', import.meta.url));
const PASSWORD = 'a long enough password';

/* What a family does with all that is kept of it, in a real browser: takes it along, and has it deleted. */
describe.each([
  ['vi', vi],
  ['en', en],
] as const)('the data of a family (%s)', (language, texts) => {
  const name = language === 'vi' ? 'Nhà Bưởi & Cốm' : 'The Browns';
  let folder: string;
  let cloud: CloudServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'khien-family-data-'));
    const port = await freePort();
    const config = readConfig({
      KHIEN_DATA: join(folder, 'data'),
      KHIEN_HTTP_LISTEN: `127.0.0.1:${port}`,
      KHIEN_PUBLIC_URL: `http://localhost:${port}`,
      KHIEN_MQTT_LISTEN: `127.0.0.1:${await freePort()}`,
      KHIEN_MQTT_URL: 'mqtts://localhost:8883',
      KHIEN_LOG: 'silent',
    });
    cloud = new CloudServer(config, web);
    await cloud.start();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    const context = await browser.newContext({
      baseURL: `http://localhost:${port}`,
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      locale: language === 'vi' ? 'vi-VN' : 'en-US',
      timezoneId: 'Asia/Ho_Chi_Minh',
    });
    const response = await context.request.post('/api/v1/account', {
      headers: { 'sec-fetch-site': 'same-origin' },
      data: {
        email: 'lan@example.vn',
        password: PASSWORD,
        name: 'Lan',
        household: { name, zone: 'Asia/Ho_Chi_Minh' },
        language,
      },
    });
    expect(response.status()).toBe(201);
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => errors.push(error.message));
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const button = (text: string) => page.getByRole('button', { name: text, exact: true });

  it('is taken along as one file', async () => {
    await page.goto('/settings');
    await button(texts.familyData.take).scrollIntoViewIfNeeded();
    await screenshot(page, `family-data-${language}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(texts.familyData.take).click(),
    ]);
    expect(download.suggestedFilename()).toBe('khien.json');
    const file = JSON.parse(readFileSync(await download.path(), 'utf8'));
    expect(file.people).toEqual([
      expect.objectContaining({ name: 'Lan', email: 'lan@example.vn', role: 'owner' }),
    ]);
    expect(file.tables.household).toEqual([expect.objectContaining({ name })]);
    await page.getByText(texts.familyData.taken).waitFor();
  });

  it('is deleted only when its name is typed, and then its people go on without it', async () => {
    await button(texts.familyData.erase).click();
    const confirm = button(texts.familyData.eraseConfirm);
    const typed = page.getByLabel(texts.familyData.typeName(name));
    await typed.fill('nhà khác');
    expect(await confirm.isDisabled()).toBe(true);
    await screenshot(page, `family-data-erase-${language}`);
    await typed.fill(` ${name} `);
    await confirm.click();
    await page.getByText(texts.familyData.erased(name)).waitFor();
    await screenshot(page, `family-data-erased-${language}`);
    const account = await page.request.get('/api/v1/account');
    expect((await account.json()).households).toEqual([]);
    expect(errors).toEqual([]);
  });
});

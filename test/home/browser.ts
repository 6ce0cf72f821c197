import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Host } from './host.ts';

export interface BrowserOptions {
  /** `vi-VN` unless told. */
  readonly locale?: 'vi-VN' | 'en-US';
  /** `Asia/Ho_Chi_Minh` unless told. */
  readonly timezone?: string;
}

export interface HostBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly page: Page;
}

const screenshots = fileURLToPath(new URL('../../screenshots/', import.meta.url));

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  // The sites' and the cloud's certificates are of authorities made for this home; service workers want them trusted.
  '--ignore-certificate-errors',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens Debian's Chromium on a host, as a phone in Vietnam has it. Closed with the home at the latest. */
export async function openBrowser(host: Host, options: BrowserOptions = {}): Promise<HostBrowser> {
  const { locale = 'vi-VN', timezone = 'Asia/Ho_Chi_Minh' } = options;
  const browser = await chromium.launch({ executablePath: wrapper(host), args: flags });
  host.premises.onStop(() => browser.close());
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    locale,
    timezoneId: timezone,
    ignoreHTTPSErrors: true,
  });
  return { browser, context, page: await context.newPage() };
}

/** Writes `screenshots/NAME.png` in the checkout, and returns its path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(screenshots, { recursive: true });
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  return path;
}

/** Playwright talks to the browser over a pipe, which reaches into the namespace with it. */
function wrapper(host: Host): string {
  const { folder } = host.premises;
  const path = join(folder, `chromium-${host.name}`);
  writeFileSync(path, `#!/bin/sh\nHOME='${folder}' exec ip netns exec ${host.namespace} chromium "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

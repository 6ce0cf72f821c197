import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Household } from '../../daemon/src/enforce/fixture/household.ts';
import { vi } from '../../daemon/src/portal/language/vi.ts';
import { openBrowser, screenshot } from '../home/browser.ts';
import { type Device, dig, eventually, VirtualHome } from '../home/index.ts';
import { type ConnectivityCheck, connectivityChecks } from '../home/internet/connectivity-checks.ts';
import { RouterEnforcer } from './enforce/router-enforcer.ts';

const PAGE = 'http://khien.home.arpa/';

/** Without access, the device's system finds out by itself that there is a page to open; with access it finds the truth. */
let home: VirtualHome;
let router: RouterEnforcer;
let tablet: Device;
let on: Household;
let off: Household;

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  on = {
    children: { an: { blockedNames: ['apple.com', 'connectivitycheck.gstatic.com'] } },
    devices: { [tablet.mac]: 'an' },
    helpNames: ['tongdai111.vn'],
  };
  off = { ...on, children: { an: { pause: { since: 0, until: null } } } };
  router = await RouterEnforcer.start(home, '', 'daemon');
});
afterAll(() => home.stop());

interface Outcome {
  /** curl's status: 0, or why there is no answer (6 no address, 7 refused, 28 too late, 52 no answer). */
  readonly exit: number | null;
  readonly status: number;
  readonly location: string;
  readonly cache: string;
  readonly body: string;
  /** Milliseconds. */
  readonly took: number;
}

/** What curl on the tablet is answered. */
async function curl(...options: string[]): Promise<Outcome> {
  const before = performance.now();
  const format = '\n%{http_code}\n%header{location}\n%header{cache-control}';
  const { stdout, code } = await tablet.exec('curl', ['-sk', '-m', '10', '-w', format, ...options]);
  const lines = stdout.split('\n');
  const [status = '', location = '', cache = ''] = lines.splice(-3);
  const took = performance.now() - before;
  return { exit: code, status: Number(status), location, cache, body: lines.join('\n'), took };
}

const captive = { exit: 0, status: 302, location: PAGE, cache: 'no-store', body: '' };
const truth = ({ status, body }: ConnectivityCheck) => ({ exit: 0, status, body, location: '' });
const REFUSED = 7;
const checks = connectivityChecks.map((check) => [check.system, check] as const);

/** Where a site is, of either version, as URLs write it. */
function addressesOf(site: string): string[] {
  const { v4, v6 } = home.internet.site(site);
  return [v4, `[${v6}]`];
}

describe('with access', () => {
  beforeAll(() => router.apply(on));

  test.each(checks)('%s hears the truth, over IPv4 and IPv6', async (_, check) => {
    for (const version of ['-4', '-6']) {
      expect(await curl(version, check.url), version).toMatchObject(truth(check));
    }
  });

  test('the rules hold for all that is not such a question', async () => {
    expect((await dig(tablet, 'www.apple.com')).answers).toMatchObject([{ data: '0.0.0.0' }]);
    expect((await dig(tablet, 'x.captive.apple.com')).answers).toMatchObject([{ data: '0.0.0.0' }]);
  });
});

describe('without access', () => {
  beforeEach(() => router.apply(off));

  test.each(checks)('%s is led to the page', async (_, check) => {
    expect(await curl(check.url)).toMatchObject(captive);
    // By an address that it has kept from before.
    for (const address of addressesOf(new URL(check.url).host)) {
      expect(await curl('--connect-to', `::${address}:80`, check.url), address).toMatchObject(captive);
    }
  });

  test('Windows finds the addresses by which it tells a portal from a dead network', async () => {
    const asked = async (type: string) => (await dig(tablet, 'dns.msftncsi.com', { type })).answers;
    expect(await asked('A')).toMatchObject([{ data: '131.107.255.255' }]);
    expect(await asked('AAAA')).toMatchObject([{ data: 'fd3e:4f5a:5b81::1' }]);
  });

  test('HTTPS is refused at once, and never answered in the place of another', async () => {
    for (const url of [
      'https://vnexpress.net/',
      ...addressesOf('vnexpress.net').map((at) => `https://${at}/`),
    ]) {
      const { exit, took } = await curl(url);
      expect(exit, url).toBe(REFUSED);
      expect(took, url).toBeLessThan(1000);
    }
  });

  test('what an app would do by HTTP is not taken for done', async () => {
    const { status, location } = await curl('-d', 'pay=1', 'http://app.example/api');
    expect([status, location]).toEqual([511, '']);
  });

  test.each([
    ['of another site', 'evil.example'],
    ['with markup', '"><script>alert(1)</script>'],
    ['that is no name', '[::'],
    ['like the page’s', 'khien.home.arpa.evil.example'],
    ['of four kilobytes', 'x'.repeat(4000)],
  ])('a Host %s leads to the page too, and is not repeated', async (_, host) => {
    const answer = await curl('-H', `Host: ${host}`, 'http://vnexpress.net/');
    expect(answer).toMatchObject(captive);
  });

  test('headers beyond all measure are refused, and the page stays there', async () => {
    expect(await curl('-H', `X-Filler: ${'x'.repeat(60_000)}`, 'http://vnexpress.net/')).toMatchObject({
      status: 431,
    });
    expect(await curl(PAGE)).toMatchObject({ exit: 0, status: 200 });
  });

  test('help is reached where it is, not led to the page', async () => {
    for (const scheme of ['http', 'https']) {
      const { body } = await curl(`${scheme}://tongdai111.vn/whoami`);
      expect(JSON.parse(body)).toMatchObject({ host: 'tongdai111.vn' });
    }
  });

  test('the state is told as RFC 8908 has it', async () => {
    const { body } = await curl(`${PAGE}captive-portal/api`);
    expect(JSON.parse(body)).toEqual({ captive: true, 'user-portal-url': PAGE, 'can-extend-session': true });
  });

  test('the truth is back within seconds of access', async () => {
    const android = connectivityChecks[0];
    if (android === undefined) throw new Error('no check');
    expect(await curl(android.url)).toMatchObject(captive);
    await router.apply(on);
    const before = performance.now();
    await eventually('Android is online', async () => (await curl(android.url)).status === 204, 10_000);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe('a browser on the device', () => {
  let page: Page;
  beforeAll(async () => {
    await router.apply(off);
    ({ page } = await openBrowser(tablet));
  });

  test('shows the page in the place of any site that is opened by HTTP', async () => {
    await page.goto('http://neverssl.example/some/where?x=1');
    expect(page.url()).toBe(PAGE);
    await page.getByRole('heading', { name: vi.status.pause }).waitFor();
    await screenshot(page, 'captive-pause');
  });

  test('loads the page anew when access is back, by which a system’s own browser sees it too', async () => {
    const loaded = page.waitForEvent('load', { timeout: 15_000 });
    await router.apply(on);
    await loaded;
    await page.getByRole('heading', { name: vi.status.free }).waitFor();
  });

  test('does not throw away what the child is writing', async () => {
    await router.apply(off);
    await page.goto(PAGE);
    const field = page.getByLabel(vi.help.text);
    await field.fill('em cần');
    const answered = page.waitForResponse((response) => response.url() === PAGE, { timeout: 30_000 });
    await router.apply(on);
    await answered;
    await page.getByRole('heading', { name: vi.status.free }).waitFor();
    expect(await field.inputValue()).toBe('em cần');
  });

  test('says at once that HTTPS is refused', async () => {
    await router.apply(off);
    const before = performance.now();
    await expect(page.goto('https://hocmai.vn/')).rejects.toThrow('ERR_CONNECTION_REFUSED');
    expect(performance.now() - before).toBeLessThan(3000);
  });
});

describe('when the daemon is gone', () => {
  test('nothing is answered, and nothing gets out', async () => {
    await router.apply(off);
    router.process.kill('SIGKILL');
    await router.process.exited;
    for (const address of addressesOf('vnexpress.net')) {
      for (const scheme of ['http', 'https']) {
        const { exit, took } = await curl(`${scheme}://${address}/`);
        expect(exit, `${scheme} ${address}`).toBe(REFUSED);
        expect(took).toBeLessThan(1000);
      }
    }
  });
});

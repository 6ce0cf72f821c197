import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Explanation, explanationSchema } from '../../daemon/src/explain/explanation.ts';
import { lan } from '../home/addresses.ts';
import { type Device, dig, eventually, type VirtualHome } from '../home/index.ts';
import type { CloudSystem } from '../system/cloud.ts';
import type { Family } from '../system/family.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

/** What a person who helps a family asks of a router: the whole system, the bundled daemon, the real kernel. */
describe('the commands of khiend', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let cloud: CloudSystem;
  let router: RouterSystem;
  let family: Family;
  let tablet: Device;

  /** What is said of the one managed device. */
  async function explain(...request: string[]): Promise<Explanation['devices'][number]> {
    const { stdout, stderr, code } = await router.khiend('explain', ...request, '--json');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const [device, ...others] = explanationSchema.parse(JSON.parse(stdout)).devices;
    if (device === undefined || others.length > 0) throw new Error(`not one device: ${stdout}`);
    return device;
  }

  /** What the doctor prints, and which of its checks have found a problem. */
  async function examine(): Promise<{ text: string; problems: string[]; code: number | null }> {
    const { stdout, stderr, code } = await router.khiend('doctor');
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => line.startsWith('PROBLEM'));
    return { text: stdout, problems: lines.map((line) => line.slice(9).split(/ {2,}/)[0] ?? ''), code };
  }

  beforeAll(async () => {
    system = await FamilyHome.startUnclaimed();
    ({ home, cloud, router, family, tablet } = system);
  });
  afterAll(() => system?.stop());

  it('say what is missing on a router that nobody has claimed', async () => {
    const { problems, code } = await examine();
    expect(problems).toEqual(['identity', 'policy']);
    expect(code).toBe(1);
    const { stdout } = await router.khiend('explain', 'tiktok.com');
    expect(stdout).toContain('nobody is managed');

    const claim = await eventually('there is a code', async () => (await router.status()).cloud.claimCode);
    expect((await router.khiend('doctor')).stdout).not.toContain(claim);
    await system.claim();
    const blocked = async () =>
      (await dig(tablet, 'www.tiktok.com', { timeout: 1000 })).answers[0]?.data === '0.0.0.0';
    await eventually('TikTok is blocked', blocked, 20_000);
    await eventually('the names are loaded', async () => (await router.status()).names > 0);
  });

  it('explain what the device sees', async () => {
    expect(await explain('vnexpress.net')).toMatchObject({
      decision: 'allowed',
      rule: { kind: 'no-rule' },
      network: { online: true, reason: 'free' },
      kernel: { managed: true, passes: true, route: 'resolver' },
    });
    expect(await explain('https://www.tiktok.com/@an?lang=vi')).toMatchObject({
      decision: 'blocked',
      rule: { kind: 'service', id: 'tiktok', listed: 'tiktok.com' },
      kernel: { route: 'responder' },
    });
    expect(await explain('www.bet365.com')).toMatchObject({
      decision: 'blocked',
      rule: { kind: 'category', id: 'gambling', listed: 'bet365.com' },
      kernel: { route: 'responder' },
    });
    expect(await explain('tongdai111.vn')).toMatchObject({
      decision: 'help',
      kernel: { route: 'responder' },
    });
  });

  it('tell the route that the query takes', async () => {
    for (const [name, route] of [
      ['vnexpress.net', 'resolver'],
      ['news.google.com', 'resolver'],
      ['www.google.com', 'responder'],
      ['m.facebook.com', 'responder'],
      // It opens the way to the addresses, where ways round the rules are blocked.
      ['tongdai111.vn', 'responder'],
      ['use-application-dns.net', 'responder'],
    ] as const) {
      const before = await counters();
      await dig(tablet, name, { timeout: 2000 });
      const after = await counters();
      const taken = after.resolver > before.resolver ? 'resolver' : 'responder';
      expect({ name, taken }).toEqual({ name, taken: route });
      expect((await explain(name)).kernel).toMatchObject({ route });
    }
  });

  /** Queries that the kernel has given to the one and to the other. */
  async function counters(): Promise<{ resolver: number; responder: number }> {
    const { counters: by } = await router.status();
    const of = (...names: string[]) => names.reduce((sum, name) => sum + (by[name] ?? 0), 0);
    return {
      resolver: of('to the resolver', 'help names to the resolver'),
      responder: of('blocked to the responder', 'undecided to the responder'),
    };
  }

  it('find the device by what a person has at hand', async () => {
    const { macs } = await explain('vnexpress.net', 'AN');
    expect(macs).toEqual([tablet.mac]);
    // The router knows an address once the device has spoken from it.
    await dig(tablet, 'vnexpress.net', { server: lan.ula });
    const byUla = async () => (await router.khiend('explain', 'vnexpress.net', tablet.ula)).code === 0;
    await eventually('the router knows the ULA', byUla);
    for (const text of [tablet.mac.toUpperCase(), tablet.address4, tablet.ula, 'Tablet']) {
      expect((await explain('vnexpress.net', text)).macs).toEqual([tablet.mac]);
    }
    expect(await explain('tiktok.com', 'laptop')).toMatchObject({ child: null, decision: 'allowed' });

    const { stdout, stderr, code } = await router.khiend('explain', 'tiktok.com', 'xbox');
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(`tablet (An)  ${tablet.mac} ${tablet.address4}`);
    expect(stderr).toContain('laptop (not managed)');
  });

  it('explain a pause, which help gets through', async () => {
    await family.pause();
    await eventually('the tablet is off', async () => (await router.status()).lan.withoutLease > 0);
    expect(await explain('tiktok.com')).toMatchObject({
      decision: 'offline',
      rule: { kind: 'service' },
      network: { online: false, reason: 'pause', until: null },
      kernel: { passes: false, route: 'responder' },
    });
    expect(await explain('tongdai111.vn')).toMatchObject({ decision: 'help', kernel: { passes: false } });
    await family.resume();
    await eventually('the tablet is on', async () => (await router.status()).lan.withoutLease === 0);
    expect(await explain('vnexpress.net')).toMatchObject({ decision: 'allowed', kernel: { passes: true } });
  });

  it('find nothing wrong in a home where all is well, and name nobody', async () => {
    const text = await eventually('all is well', async () => {
      const found = await examine();
      return found.code === 0 ? found.text : null;
    });
    expect(text).toContain('All is well.');
    expect(text).toContain(`process ${(await router.status()).pid}`);
    const key = await readFile(join(router.folder, 'state', 'router.key'), 'utf8');
    const secrets = ['tablet', 'laptop', ' An', 'Nhà', tablet.mac, ...key.split('\n').slice(1, -2)];
    for (const secret of secrets) expect(text).not.toContain(secret);
    // It has looked, and touched nothing.
    expect(await home.router.check('nft', ['list', 'tables'])).not.toContain('doctor');
  });

  it('find what is broken, each by its own line, and take no harm', async () => {
    await home.router.dnsmasq.kill();
    await cloud.stop();
    const state = join(router.folder, 'state', 'policy.json');
    const policy = await readFile(state);
    await writeFile(state, policy.subarray(0, 50));
    const { problems, code, text } = await eventually('the link is found cut', async () => {
      const found = await examine();
      return found.problems.length >= 5 ? found : null;
    });
    expect(problems.sort()).toEqual(['cloud', 'cloud edge', 'policy', 'port udp/53', 'resolver']);
    expect(code).toBe(1);
    expect(text).toContain('5 of ');
    await writeFile(state, policy);
    await home.router.dnsmasq.start();
    await cloud.start();
    await eventually('all is well again', async () => (await examine()).code === 0, 20_000);
  });

  it('find what is wrong without a daemon', async () => {
    await router.kill();
    await home.router.check('nft', ['delete', 'table', 'netdev', 'khien']);
    const thief = home.router.spawn('dnsmasq', [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--bind-interfaces',
      '--listen-address=127.0.0.1',
      '--port=5453',
      '--pid-file=',
      '--no-resolv',
    ]);
    const { text } = await eventually('the port is taken', async () => {
      const found = await examine();
      return found.text.includes('taken by') ? found : null;
    });
    expect(text).toMatch(/PROBLEM {2}daemon +does not run/);
    expect(text).toMatch(/PROBLEM {2}tables +not in the kernel: netdev khien/);
    expect(text).toMatch(new RegExp(`PROBLEM {2}port udp/5453 +taken by dnsmasq \\(process ${thief.pid}\\)`));
    expect(text).toMatch(/OK +kernel/);
    expect(text).toMatch(/OK +policy +version \d+ is stored/);
    await thief.stop();

    const { code, stderr } = await router.khiend('explain', 'tiktok.com');
    expect(code).toBe(1);
    expect(stderr).toContain('NOT_RUNNING');
    await router.start();
    expect((await stat(join(router.folder, 'run', 'control.sock'))).mode & 0o777).toBe(0o600);
    await eventually('all is well again', async () => (await examine()).code === 0, 20_000);
  });

  /** Runs the command as a package puts it into the path. */
  async function linked(...args: string[]): Promise<{ stdout: string; code: number | null }> {
    const link = join(router.folder, 'khiend');
    await rm(link, { force: true });
    await symlink(new URL('../../daemon/dist/khiend.cjs', import.meta.url).pathname, link);
    return home.router.exec(process.execPath, [link, ...args]);
  }

  it('find the lists beside the bundle, from wherever they are called', async () => {
    const { stdout, code } = await linked('doctor', '--config', join(router.folder, 'config.json'));
    expect(stdout).toMatch(/OK +lists +\S+starter\.khl/);
    expect(code).toBe(0);
  });

  it('end with 2 for a wrong call, and with what is wrong of a configuration', async () => {
    for (const wrong of [
      ['explain'],
      ['explain', 'tik tok'],
      ['explain', 'a.vn', 'b', 'c'],
      ['doctor', 'x'],
    ]) {
      const { code, stderr } = await router.khiend(...wrong);
      expect({ wrong, code }).toEqual({ wrong, code: 2 });
      expect(stderr).toContain('khiend explain NAME [DEVICE]');
    }
    const file = join(router.folder, 'broken.json');
    await writeFile(file, '{"cloud":{}}');
    const { stdout, code } = await linked('doctor', '--config', file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/PROBLEM {2}configuration +.*cloud\.url/);
    expect(stdout).toMatch(/OK +tables/);
  });
});

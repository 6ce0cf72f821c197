import { existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Device, dig, eventually, type VirtualHome } from '../home/index.ts';
import type { CloudSystem } from '../system/cloud.ts';
import { FamilyHome } from '../system/family-home.ts';
import type { RouterSystem } from '../system/router.ts';

const bundle = fileURLToPath(new URL('../../daemon/dist/khiend.cjs', import.meta.url));

/** Bytes. */
const HALF = 1_500_000;
/** Enough names that a download takes a while on a slow line. */
const NAMES = 100_000;

/** From text on an operator's machine to a name that a child cannot reach. */
describe('a new list', () => {
  let system: FamilyHome;
  let home: VirtualHome;
  let cloud: CloudSystem;
  let router: RouterSystem;
  let tablet: Device;

  beforeAll(async () => {
    system = await FamilyHome.start({
      sites: { 'nha-cai.example': 51, 'mau-mau.example': 52, 'ban-quyen.nha-cai.example': 53 },
    });
    ({ home, cloud, router, tablet } = system);
  }, 120_000);
  afterAll(() => system?.stop());

  const answer = async (name: string): Promise<string> => {
    const { status, answers } = await dig(tablet, name, { timeout: 1000 });
    return answers[0]?.data ?? status;
  };
  const isBlocked = async (name: string): Promise<boolean> => (await answer(name)) === '0.0.0.0';
  const listsOnRouter = (): string[] => {
    const folder = join(router.folder, 'state', 'lists');
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  const partSize = (): number => {
    const part = listsOnRouter().find((name) => name.endsWith('.part'));
    return part === undefined ? 0 : statSync(join(router.folder, 'state', 'lists', part)).size;
  };

  /** Compiles as an operator does, with the command. */
  async function compile(version: string, rules: readonly string[]): Promise<string> {
    const source = join(router.folder, `${version}.txt`);
    const filler = Array.from({ length: NAMES }, (_, index) => `||n${index}.${version}.example^`);
    writeFileSync(source, ['[Adblock]', ...filler, ...rules].join('\r\n'));
    const out = join(router.folder, `${version}.khl`);
    const words = ['compile', '--out', out, '--category', `gambling=${source}`, '--list-version', version];
    const { code, stderr } = await home.cloud.exec(process.execPath, [bundle, 'lists', ...words]);
    expect([code, stderr]).toEqual([0, '']);
    return out;
  }

  /** Limits what the cloud sends over HTTPS to about a megabyte a second. */
  async function slowLine(): Promise<void> {
    const chain =
      'chain out { type filter hook output priority 0; tcp sport 443 limit rate over 1 mbytes/second drop; }';
    await home.cloud.check('nft', [`table inet line { ${chain}; }`]);
  }

  /** Resets every HTTPS connection to the cloud. */
  async function cutLine(): Promise<void> {
    const chain = 'chain in { type filter hook input priority 0; tcp dport 443 reject with tcp reset; }';
    await home.cloud.check('nft', [`table inet line { ${chain}; }`]);
  }

  it('comes over a line that is cut, goes on where it was, and is enforced', async () => {
    expect((await router.status()).lists?.names).toBeLessThan(NAMES);
    expect(await answer('nha-cai.example')).toMatch(/^192\.0\.2\./);
    const list = await compile('first', ['||nha-cai.example^', '@@||ban-quyen.nha-cai.example^']);
    await slowLine();
    await cloud.publishList(list);
    await eventually('half of the list has come', () => partSize() > HALF, 30_000);
    await cutLine();
    await eventually('the download is broken off', () => router.process.log().includes('LIST_INTERRUPTED'));
    expect(partSize()).toBeGreaterThan(HALF);
    expect(partSize()).toBeLessThan(statSync(list).size);
    expect((await router.status()).lists?.version).not.toBe('first');
    expect(await answer('nha-cai.example')).toMatch(/^192\.0\.2\./);
    await home.cloud.check('nft', ['delete table inet line']);

    const status = await router.reach('the list is in force', ({ lists }) => lists?.version === 'first');
    expect(status.lists).toMatchObject({ version: 'first', names: NAMES + 2 });
    // Partial content: what had come was not asked for again.
    await eventually('the rest was asked for', () =>
      /"route":"\/lists\/:name","status":206/.test(cloud.log()),
    );
    await eventually('a name of it is blocked', () => isBlocked('www.nha-cai.example'), 20_000);
    expect(await answer('ban-quyen.nha-cai.example')).toMatch(/^192\.0\.2\./);
    expect(listsOnRouter()).toHaveLength(1);
    const [stored = ''] = listsOnRouter();
    expect(readFileSync(join(router.folder, 'state', 'lists', stored)).equals(readFileSync(list))).toBe(true);
  });

  it('that is not what the cloud has signed is refused, and the old one stays in force', async () => {
    const list = await compile('second', ['||mau-mau.example^']);
    await cloud.publishList(list);
    const served = readdirSync(join(cloud.folder, 'lists')).find(
      (name) => name.endsWith('.khl') && !listsOnRouter().includes(name),
    );
    const file = openSync(join(cloud.folder, 'lists', served ?? ''), 'r+');
    writeSync(file, 'X', 1_000_000);
    await eventually(
      'the router has refused it',
      () => router.process.log().includes('LIST_CHECKSUM'),
      30_000,
    );
    expect((await router.status()).lists?.version).toBe('first');
    expect(await isBlocked('nha-cai.example')).toBe(true);
    expect(await answer('mau-mau.example')).toMatch(/^192\.0\.2\./);
    expect(listsOnRouter()).toHaveLength(1);
  });

  it('is there after a reboot without the cloud', async () => {
    await cloud.stop();
    await router.kill();
    await home.router.check('nft', ['flush', 'ruleset']);
    await home.router.loadFirewall();
    await router.start();
    expect((await router.status()).lists?.version).toBe('first');
    await eventually('its names are blocked', () => isBlocked('nha-cai.example'), 20_000);
  });

  it('replaces a bad one', async () => {
    await cloud.start();
    await cloud.publishList(await compile('third', ['||mau-mau.example^']));
    await router.reach('the third list is in force', ({ lists }) => lists?.version === 'third');
    await eventually('its names are blocked', () => isBlocked('mau-mau.example'), 20_000);
    await eventually(
      'those of the old one are not',
      async () => !(await isBlocked('nha-cai.example')),
      20_000,
    );
  });
});

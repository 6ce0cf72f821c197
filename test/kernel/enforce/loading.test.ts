import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Household, idOf } from '../../../daemon/src/enforce/fixture/household.ts';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { lan } from '../../home/addresses.ts';
import { type Device, dig, eventually, type RunningProcess, VirtualHome } from '../../home/index.ts';
import { RouterEnforcer } from './router-enforcer.ts';

// Names come and go in the kernel while a child's tablet asks, without a pause, for what is blocked before, during and
// after, and for what is not: the first must never get its address, the second always.

const asking = fileURLToPath(new URL('asking-program.ts', import.meta.url));
const [GAMBLING, ADULT] = [1, 0];
const NAMES = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'khien-loading-'));
let home: VirtualHome;
let enforcer: RouterEnforcer;
let tablet: Device;
let base: Household;
/** The other child is kept from another category. */
let binhToo: Household;
let binhPaused: Household;

/** A list with names that are always in it, and many that are not: every hundredth is another one with each `edition`. */
function compileList(edition: number): string {
  const compiler = new TableCompiler();
  for (const name of ['bet365.com', 'sub.hocmai.vn']) compiler.add(GAMBLING, name);
  for (let n = 0; n < NAMES; n++) {
    const name = n % 100 === 0 ? `n${n}-${edition}.example` : `n${n}.example`;
    compiler.add(n % 2 === 0 ? ADULT : GAMBLING, name);
  }
  const path = join(folder, `${edition}.khl`);
  writeFileSync(path, Buffer.concat(compiler.finish().pieces));
  return path;
}

beforeAll(async () => {
  home = await VirtualHome.start();
  tablet = home.device('tablet');
  enforcer = await RouterEnforcer.start(home, compileList(1), 'daemon');
  base = {
    children: {
      an: { blockedServices: ['tiktok'], blockedCategories: ['gambling'] },
      binh: { blockedCategories: [] },
    },
    devices: { [tablet.mac]: 'an', [home.device('newphone').mac]: 'binh' },
    services: { 'social/tiktok': ['tiktok.com'] },
    categories: { adult: ADULT, gambling: GAMBLING },
    helpNames: ['tongdai111.vn'],
  };
  binhToo = withChildren({ binh: { blockedCategories: ['adult'] } });
  binhPaused = withChildren({ binh: { blockedCategories: ['adult'], pause } });
});
afterAll(async () => {
  await home.stop();
  rmSync(folder, { recursive: true });
});

const blocked = ['bet365.com', 'www.bet365.com', 'tiktok.com', 'a.b.tiktok.com', 'sub.hocmai.vn'];
const allowed = ['hocmai.vn', 'vnexpress.net', 'tongdai111.vn'];

/** Does `work` while the tablet asks; how often each name was answered how. */
async function whileAsking(work: () => Promise<void>): Promise<Record<string, Record<string, number>>> {
  const asker: RunningProcess = tablet.node(asking, [lan.v4, ...blocked, ...allowed]);
  await asker.ready('it asks', () => asker.log().includes('asking'));
  await work();
  await asker.stop(6000);
  const line = asker.log().split('\n').at(-2) ?? '';
  return z.record(z.string(), z.record(z.string(), z.int())).parse(JSON.parse(line));
}

function expectExact(outcomes: Record<string, Record<string, number>>): void {
  for (const name of blocked) expect([name, Object.keys(outcomes[name] ?? {})]).toEqual([name, ['blocked']]);
  for (const name of allowed) expect([name, Object.keys(outcomes[name] ?? {})]).toEqual([name, ['address']]);
}

const withChildren = (children: NonNullable<Household['children']>): Household => ({
  ...base,
  children: { ...base.children, ...children },
});
const pause = { since: 0, until: null };

test('a name is blocked from the moment that its category is, before it is loaded', async () => {
  await enforcer.apply(base);
  const phone = home.device('newphone');
  const isBlocked = { answers: [{ data: '0.0.0.0' }] };
  expect(await dig(phone, 'n10.example', { server: lan.v4 })).not.toMatchObject(isBlocked);
  await enforcer.applyOnly(binhToo);
  expect((await enforcer.status()).names).toBe(0);
  expect(await dig(phone, 'n10.example', { server: lan.v4 })).toMatchObject(isBlocked);
  await enforcer.loaded();
  expect(await dig(phone, 'n10.example', { server: lan.v4 })).toMatchObject(isBlocked);
});

describe('nothing passes, and nothing is lost', () => {
  test('while a category comes and goes, and the policy changes meanwhile', async () => {
    await enforcer.apply(base);
    const outcomes = await whileAsking(async () => {
      await enforcer.applyOnly(binhToo);
      await enforcer.applyOnly(binhPaused);
      await enforcer.applyOnly(binhToo);
      await enforcer.loaded();
      expect((await enforcer.status()).names).toBeGreaterThan(NAMES);
      await enforcer.apply(base);
    });
    expectExact(outcomes);
  });

  test('while own names change, again and again, before others are loaded', async () => {
    // Its names come first, so that those of An are told by another bit of the answer.
    const first = ['chi', 'dung', 'giang', 'hoa', 'khoa'].find((name) => idOf(name) < idOf('an')) ?? '';
    const outcomes = await whileAsking(async () => {
      for (let n = 0; n < 8; n++) {
        const blockedNames = [`x${n}.hocmai.vn`, 'example.com'];
        await enforcer.applyOnly(n % 2 === 0 ? binhToo : base);
        await enforcer.applyOnly(withChildren({ [first]: { blockedNames } }));
        if (n % 3 === 0) await enforcer.loaded();
        await enforcer.applyOnly(binhPaused);
        if (n % 3 === 1) await enforcer.loaded();
      }
      await enforcer.loaded();
    });
    expectExact(outcomes);
  });

  test('while lists are updated', async () => {
    await enforcer.apply(binhToo);
    const { names } = await enforcer.status();
    const outcomes = await whileAsking(async () => {
      for (const edition of [2, 3]) {
        await enforcer.useLists(compileList(edition));
        await enforcer.applyOnly(binhToo);
        await enforcer.applyOnly(binhPaused);
        await enforcer.loaded();
      }
    });
    expectExact(outcomes);
    expect((await enforcer.status()).names).toBe(names);
  });

  test('while all are loaded anew, because another program took the tables away', async () => {
    const outcomes = await whileAsking(async () => {
      await enforcer.applyOnly(base);
      await enforcer.applyOnly(binhToo);
      await enforcer.loaded();
      const before = (await enforcer.reports()).length;
      await home.router.check('nft', ['delete', 'table', 'inet', 'khien_dns']);
      await eventually('it is there again', async () => (await enforcer.reports()).length > before);
      await enforcer.loaded();
      expect((await enforcer.status()).names).toBeGreaterThan(NAMES);
    });
    // Until the tables are there again nobody steers.
    for (const name of allowed) expect(Object.keys(outcomes[name] ?? {})).toEqual(['address']);
  });
});

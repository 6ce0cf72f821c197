import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { longClaimCodeFrom } from '@khien/shared/enrolment';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryStore, temporaryStore } from '../documents/home.fixture.ts';
import { addIsp, importManifest, type Reported } from './import.ts';
import { signatureLine } from './manifest.ts';
import { signManifest } from './sign-manifest.ts';
import * as stock from './stock.ts';

let temporary: TemporaryStore;
let folder: string;
beforeEach(async () => {
  temporary = await temporaryStore();
  folder = mkdtempSync(join(tmpdir(), 'khien-manifest-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await temporary.remove();
});

const newRouterKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64url');
const codeOf = (number: number) => longClaimCodeFrom(Buffer.alloc(11, number));
const made = (number: number, key = newRouterKey()) => ({
  serial: `S${number}`,
  model: 'hgw',
  key,
  code: codeOf(number),
});

const pairs = {
  ed25519: () => generateKeyPairSync('ed25519'),
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
async function provider(make: keyof typeof pairs = 'ed25519', name = 'Nhà mạng') {
  const { publicKey, privateKey } = pairs[make]();
  await addIsp(temporary.store, name, publicKey.export({ type: 'spki', format: 'pem' }).toString(), 1);
  return privateKey;
}

async function manifestOf(key: KeyObject, routers: readonly object[], name = 'Nhà mạng'): Promise<string> {
  const list = join(folder, 'routers');
  writeFileSync(list, routers.map((router) => `${JSON.stringify(router)}\n`).join(''));
  const lines: string[] = [];
  for await (const line of signManifest(name, key, list)) lines.push(line);
  const path = join(folder, 'manifest');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

async function imported(file: string, dry = false): Promise<string[]> {
  const reports: Reported[] = [];
  await importManifest(temporary.store, file, { dry, now: 1000, report: (line) => reports.push(line) });
  return reports.map(({ line, serial, outcome }) => `${line} ${serial} ${outcome}`);
}
const rows = () => temporary.store.db.selectFrom('stock').selectAll().orderBy('serial').execute();

describe('a manifest', () => {
  test.each(['ed25519', 'P-256'] as const)('signed with %s makes its routers known', async (kind) => {
    const key = await provider(kind);
    const routers = [made(1), made(2)];
    const file = await manifestOf(key, routers);
    expect(readFileSync(file, 'utf8')).not.toContain(codeOf(1));
    expect(await imported(file)).toEqual(['2 S1 IMPORTED', '3 S2 IMPORTED']);
    expect(await stock.findByCode(temporary.store.db, codeOf(2), 1)).toMatchObject({
      public_key: routers[1]?.key,
      isp: 'Nhà mạng',
      serial: 'S2',
    });
  });

  test('is imported again without harm, and a dry run changes nothing', async () => {
    const key = await provider();
    const routers = [made(1), made(2)];
    const file = await manifestOf(key, routers);
    expect(await imported(file, true)).toEqual(['2 S1 IMPORTED', '3 S2 IMPORTED']);
    expect(await rows()).toEqual([]);
    await imported(file);
    const before = await rows();
    expect(await imported(file)).toEqual(['2 S1 UNCHANGED', '3 S2 UNCHANGED']);
    const longer = await manifestOf(key, [...routers, made(3)]);
    expect(await imported(longer)).toContain('4 S3 IMPORTED');
    expect((await rows()).slice(0, 2)).toEqual(before);
  });

  test('tells line by line what is wrong, and imports the rest', async () => {
    const key = await provider();
    const first = made(1);
    const revoked = made(9);
    await temporary.store.transaction((trx) => stock.revoke(trx, revoked.key, 1));
    const otherCurve = generateKeyPairSync('ec', { namedCurve: 'P-384' })
      .publicKey.export({ type: 'spki', format: 'der' })
      .toString('base64url');
    const file = signed(key, [
      ...(await bodyOf(key, [first])),
      'no JSON',
      '{"serial":"S2"}',
      JSON.stringify({ serial: 'S3', model: 'hgw', key: otherCurve, claim: 'a'.repeat(43) }),
      JSON.stringify({ serial: 'S1', model: 'hgw', key: newRouterKey(), claim: 'b'.repeat(43) }),
      JSON.stringify({ serial: 'S4', model: 'hgw', key: first.key, claim: 'c'.repeat(43) }),
      ...(await bodyOf(key, [revoked, made(5)])),
    ]);
    expect(await imported(file)).toEqual([
      '2 S1 IMPORTED',
      '3 undefined LINE_INVALID',
      '4 undefined LINE_INVALID',
      '5 S3 KEY_INVALID',
      '6 S1 CONFLICT',
      '7 S4 CONFLICT',
      '8 S9 KEY_REVOKED',
      '9 S5 IMPORTED',
    ]);
    expect((await rows()).map(({ serial }) => serial)).toEqual(['S1', 'S5']);
  });

  test('of nobody who is known, changed, cut short or signed by another is refused whole', async () => {
    const key = await provider();
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const good = readFileSync(await manifestOf(key, [made(1), made(2)]), 'utf8');
    const lines = good.trimEnd().split('\n');
    const cases = [
      good.replace('"S1"', '"S7"'),
      `${lines.slice(0, -1).join('\n')}\n`,
      `${[lines[0], ...lines.slice(2)].join('\n')}\n`,
      '',
      'x'.repeat(10_000),
      readFileSync(await manifestOf(stranger, [made(3)]), 'utf8'),
      readFileSync(await manifestOf(key, [made(3)], 'another'), 'utf8'),
    ];
    for (const text of cases) {
      const path = join(folder, 'bad');
      writeFileSync(path, text);
      await expect(imported(path)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    }
    expect(await rows()).toEqual([]);
  });

  test('with a line that is far too long is refused, which is said by its number', async () => {
    const key = await provider();
    const file = signed(key, [...(await bodyOf(key, [made(1)])), 'x'.repeat(3000)]);
    await expect(imported(file)).rejects.toThrow(/^line 3 /);
    expect(await rows()).toEqual([]);
  });

  test('of another provider may have the same serials and codes, and takes no router away', async () => {
    const [key, other] = [await provider(), await provider('P-256', 'another')];
    const [mine, theirs] = [made(1), made(1)];
    expect(await imported(await manifestOf(key, [mine]))).toEqual(['2 S1 IMPORTED']);
    const report = await imported(await manifestOf(other, [{ ...mine, serial: 'S2' }, theirs], 'another'));
    expect(report).toEqual(['2 S2 CONFLICT', '3 S1 IMPORTED']);
    const shown = (await rows()).map(({ isp, public_key }) => [isp, public_key]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['Nhà mạng', mine.key],
        ['another', theirs.key],
      ]),
    );
  });

  test('of a thousand routers is taken in several transactions', async () => {
    const key = await provider();
    const lines = Array.from({ length: 1001 }, (_, i) =>
      JSON.stringify({
        serial: `S${i}`,
        model: 'hgw',
        key: newRouterKey(),
        claim: String(i).padStart(43, 'a'),
      }),
    );
    const report = await imported(signed(key, lines));
    expect(report).toHaveLength(1001);
    expect(report.every((line) => line.endsWith(' IMPORTED'))).toBe(true);
  });
});

test('a provider is added with a key that signs, and given another', async () => {
  const { store } = temporary;
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsa = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const pem of [rsa, 'no key']) {
    await expect(addIsp(store, 'x', pem, 1)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  }
  const old = await provider();
  await provider();
  await expect(imported(await manifestOf(old, [made(1)]))).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
  });
});

test('what is signed has a code that lasts and a key that fits', async () => {
  const key = await provider();
  const short = { ...made(1), code: '7GQ2-M0XK' };
  const noKey = { ...made(1), key: 'AAAA' };
  for (const bad of [short, noKey, {}]) {
    await expect(manifestOf(key, [bad])).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
  }
});

/** The lines of these routers in a manifest. */
async function bodyOf(key: KeyObject, routers: readonly object[]): Promise<string[]> {
  const text = readFileSync(await manifestOf(key, routers), 'utf8');
  return text.trimEnd().split('\n').slice(1, -1);
}

/** A manifest with these lines, whatever they are. */
function signed(key: KeyObject, body: readonly string[]): string {
  const head = JSON.stringify({ khien: 'manifest-v1', isp: 'Nhà mạng' });
  const text = [head, ...body].map((line) => `${line}\n`).join('');
  const path = join(folder, 'signed');
  const digest = createHash('sha256').update(text).digest();
  writeFileSync(path, `${text}${signatureLine(digest, key)}\n`);
  return path;
}

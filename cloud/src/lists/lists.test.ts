import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '@khien/shared/catalogue';
import { CHECKED_FROM, encodeTableHeader, layOutTable, sealTable } from '@khien/shared/list';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { problemPlugin } from '../http/problem.ts';
import { PublishedLists } from './published-lists.ts';
import { listRoutes } from './routes.ts';
import { TableFolder } from './table-folder.ts';

let folder: string;
let tables: TableFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'khien-lists-'));
  tables = new TableFolder(join(folder, 'lists'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A table of as many names of five bytes. */
function tableFile(version: string, count: number): { path: string; bytes: Buffer; name: string } {
  const sections = layOutTable([{ keyLength: 5, count }]);
  const header = encodeTableHeader(version, sections, [count]);
  const body = Buffer.alloc(count * 9, version);
  sealTable(header, createHash('sha256').update(header.subarray(CHECKED_FROM)).update(body).digest());
  const bytes = Buffer.concat([header, body]);
  const path = join(folder, `${version}.khl`);
  writeFileSync(path, bytes);
  return { path, bytes, name: `${createHash('sha256').update(bytes).digest('hex')}.khl` };
}

describe('publishing', () => {
  test('a table makes it the one that routers are told of, and keeps the one before', async () => {
    const lists = new PublishedLists({ folder: tables, catalogue });
    expect(await lists.load()).toBe(false);
    expect(lists.body.table).toBeNull();
    const [one, two, three] = [tableFile('one', 1000), tableFile('two', 3), tableFile('three', 4)];
    await tables.publish(one.path);
    expect(await lists.load()).toBe(true);
    expect(lists.body.table).toEqual({
      version: 'one',
      path: `/lists/${one.name}`,
      bytes: one.bytes.length,
      sha256: one.name.slice(0, -4),
    });
    expect(lists.body.categories[0]).toEqual({ id: 'adult', bit: 0, names: 1000 });
    expect(lists.body.categories.at(-1)).toEqual({ id: 'ads-tracking', bit: 13, names: 0 });
    expect(await lists.load()).toBe(false);
    await tables.publish(two.path);
    await tables.publish(three.path);
    expect(readdirSync(join(folder, 'lists')).sort()).toEqual(
      [two.name, three.name, 'published.json'].sort(),
    );
  });

  test.each([
    ['what is no table', 'LIST_CORRUPT', (bytes: Buffer) => bytes.fill(0, 0, 4)],
    ['a table that is damaged', 'LIST_CORRUPT', (bytes: Buffer) => bytes.fill(0x55, 300, 301)],
    ['half a table', 'LIST_CORRUPT', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['a table of another layout', 'LIST_UNSUPPORTED', (bytes: Buffer) => bytes.fill(9, 8, 9)],
  ])('%s is refused, and what is published stays', async (_title, code, damage) => {
    const good = await tables.publish(tableFile('good', 10).path);
    const { path, bytes } = tableFile('bad', 1000);
    writeFileSync(path, damage(Buffer.from(bytes)));
    await expect(tables.publish(path)).rejects.toMatchObject({ code });
    await expect(tables.publish(join(folder, 'none'))).rejects.toMatchObject({ code: 'LIST_UNREADABLE' });
    expect(await tables.published()).toEqual(good);
    expect(readdirSync(join(folder, 'lists'))).toHaveLength(2);
  });

  test('is noticed by a cloud that runs, and a damaged note of it leaves what was known', async () => {
    const lists = new PublishedLists({ folder: tables, catalogue });
    const changed = vi.fn(() => Promise.resolve());
    const error = vi.fn();
    lists.watch({ error }, changed, 10);
    await tables.publish(tableFile('one', 5).path);
    await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
    writeFileSync(join(folder, 'lists', 'published.json'), '{');
    await vi.waitFor(() => expect(error).toHaveBeenCalled());
    expect(lists.body.table?.version).toBe('one');
    await lists.stop();
  });
});

describe('GET /lists/:name', () => {
  let app: FastifyInstance;
  let bytes: Buffer;
  let url: string;
  let etag: string;
  beforeEach(async () => {
    const table = tableFile('served', 2000);
    bytes = table.bytes;
    await tables.publish(table.path);
    app = Fastify();
    app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
    app.register(problemPlugin);
    app.register(listRoutes, { folder: tables });
    url = `/lists/${table.name}`;
    etag = `"${table.name.slice(0, -4)}"`;
  });
  afterEach(() => app.close());
  const get = (headers: Record<string, string> = {}, at = url) => app.inject({ url: at, headers });

  test('is the whole table, which never changes', async () => {
    const answer = await get();
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload.equals(bytes)).toBe(true);
    expect(answer.headers).toMatchObject({
      etag,
      'accept-ranges': 'bytes',
      'content-length': String(bytes.length),
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect((await get({ 'if-none-match': etag })).statusCode).toBe(304);
  });

  test('goes on where a router got to', async () => {
    const rest = await get({ range: 'bytes=1000-', 'if-range': etag });
    expect(rest.statusCode).toBe(206);
    expect(rest.headers['content-range']).toBe(`bytes 1000-${bytes.length - 1}/${bytes.length}`);
    expect(rest.rawPayload.equals(bytes.subarray(1000))).toBe(true);
    const part = await get({ range: 'bytes=0-9' });
    expect([part.statusCode, part.rawPayload.length]).toEqual([206, 10]);
  });

  test.each([
    ['bytes=0-', {}, 200],
    ['bytes=5-', { 'if-range': '"other"' }, 200],
    ['bytes=5-4', {}, 416],
    ['bytes=99999999-', {}, 416],
    ['bytes=1-2,4-5', {}, 200],
    ['lines=1-2', {}, 200],
  ])('with the range %s and %o is %d', async (range, more, status) => {
    expect((await get({ range, ...more })).statusCode).toBe(status);
  });

  test.each(['/lists/published.json', `/lists/${'a'.repeat(64)}.khl`, '/lists/..%2fkhien.sqlite', '/lists/'])(
    '%s is not there',
    async (at) => {
      expect((await get({}, at)).statusCode).toBe(404);
    },
  );
});

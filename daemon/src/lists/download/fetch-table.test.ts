import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TableCompiler } from '../compile.ts';
import { downloadBy } from './download.ts';
import { fetchTable } from './fetch-table.ts';
import type { DownloadJob } from './job.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let server: Server;
let handler: Handler;
let asked: IncomingMessage['headers'][];
let url: string;
const table = compiled(4000);
const etag = `"${hashOf(table)}"`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'khien-download-'));
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers);
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/lists/a.khl`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function compiled(count: number): Buffer {
  const compiler = new TableCompiler();
  for (let index = 0; index < count; index++) compiler.add(0, `n${index}.example`);
  return Buffer.concat(compiler.finish().pieces);
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function job(of: Buffer = table, change: Partial<DownloadJob> = {}): DownloadJob {
  return {
    url,
    bytes: of.length,
    sha256: hashOf(of),
    part: join(folder, 'lists', 'a.part'),
    target: join(folder, 'lists', 'a.khl'),
    idleMs: 5000,
    tryMs: 5000,
    reserve: 0,
    ...change,
  };
}

/** Serves as the cloud does, from `bytes`; hangs up after so many of them. */
function serve(bytes: Buffer, most = Number.POSITIVE_INFINITY): Handler {
  return ({ headers }, response) => {
    const range = /^bytes=(\d+)-$/.exec(headers.range ?? '');
    const from = range !== null && headers['if-range'] === etag ? Number(range[1]) : 0;
    const rest = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': rest.length,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (rest.length <= most) response.end(rest);
    else response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 20));
  };
}

const here = () => readdirSync(join(folder, 'lists'));

describe('a download', () => {
  it('is the table, in its place', async () => {
    handler = serve(table);
    await fetchTable(job());
    expect(readFileSync(job().target).equals(table)).toBe(true);
    expect(here()).toEqual(['a.khl']);
    expect(asked[0]?.range).toBeUndefined();
  });

  it('that is cut goes on where it was', async () => {
    handler = serve(table, 20_000);
    await expect(fetchTable(job())).rejects.toMatchObject({ code: 'LIST_INTERRUPTED' });
    expect(here()).toEqual(['a.part']);
    await expect(fetchTable(job())).rejects.toMatchObject({ code: 'LIST_INTERRUPTED' });
    handler = serve(table);
    await fetchTable(job());
    expect(asked.map(({ range }) => range)).toEqual([undefined, 'bytes=20000-', 'bytes=40000-']);
    expect(asked[1]?.['if-range']).toBe(etag);
    expect(readFileSync(job().target).equals(table)).toBe(true);
    expect(here()).toEqual(['a.khl']);
  });

  it('begins anew where the server does not go on, and is only proven where all is there', async () => {
    handler = serve(table, 20_000);
    await expect(fetchTable(job())).rejects.toMatchObject({ code: 'LIST_INTERRUPTED' });
    handler = (_request, response) => response.end(table);
    await fetchTable(job());
    expect(readFileSync(job().target).equals(table)).toBe(true);

    writeFileSync(job().part, table);
    asked = [];
    await fetchTable(job());
    expect(asked).toEqual([]);
  });

  it.each<[string, string, Handler, string[]]>([
    [
      'that has another byte',
      'LIST_CHECKSUM',
      serve(Buffer.concat([table.subarray(0, -1), Buffer.of(9)])),
      [],
    ],
    [
      'that is longer than said',
      'LIST_TOO_LARGE',
      (_, response) => response.end(Buffer.concat([table, table])),
      ['a.part'],
    ],
    [
      'that goes on somewhere else',
      'LIST_HTTP',
      (_, response) => response.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end('abc'),
      [],
    ],
    ['that is not there', 'LIST_GONE', (_, response) => response.writeHead(404).end(), []],
    ['that fails', 'LIST_HTTP', (_, response) => response.writeHead(503).end('later'), []],
    [
      'that is somewhere else',
      'LIST_HTTP',
      (_, response) => response.writeHead(302, { location: '/b' }).end(),
      [],
    ],
    [
      'of which nothing comes',
      'LIST_INTERRUPTED',
      (_, response) => response.write(table.subarray(0, 5)),
      ['a.part'],
    ],
    ['that nobody serves', 'CLOUD_UNREACHABLE', (request) => request.destroy(), []],
  ])('%s is no list: %s', async (_title, code, answer, left) => {
    handler = answer;
    await expect(fetchTable(job(table, { idleMs: 300 }))).rejects.toMatchObject({ code });
    expect(here()).toEqual(left);
  });

  it('that is signed but no table is no list', async () => {
    const text = Buffer.from('example.com\n'.repeat(500));
    handler = (_, response) => response.end(text);
    await expect(fetchTable(job(text))).rejects.toMatchObject({ code: 'LIST_CORRUPT' });
    expect(here()).toEqual([]);
  });

  it('that drips is ended in time, and what came stays', async () => {
    handler = (_, response) => {
      let at = 0;
      const drip = setInterval(() => {
        response.write(table.subarray(at, at + 100));
        at += 100;
      }, 20);
      response.on('close', () => clearInterval(drip));
    };
    await expect(fetchTable(job(table, { tryMs: 300 }))).rejects.toMatchObject({ code: 'LIST_INTERRUPTED' });
    expect(here()).toEqual(['a.part']);
  });

  it('is not begun where there is no room', async () => {
    handler = serve(table);
    await expect(fetchTable(job(table, { reserve: 2 ** 50 }))).rejects.toMatchObject({
      code: 'LIST_NO_SPACE',
    });
    expect(asked).toEqual([]);
  });

  it('that meets a full disk says so', async () => {
    handler = serve(table);
    const part = join(folder, 'a.part');
    symlinkSync('/dev/full', part);
    const full = job(table, { part, target: join(folder, 'a.khl') });
    await expect(fetchTable(full)).rejects.toMatchObject({ code: 'LIST_NO_SPACE' });
    expect(existsSync(full.target)).toBe(false);
  });
});

describe('the process of a download', () => {
  const program = (source: string): string => {
    const path = join(folder, 'program.cjs');
    writeFileSync(path, source);
    return path;
  };
  const run = (source: string, signal = new AbortController().signal) =>
    downloadBy(program(source))(job(), signal);

  it('gets the job, and its outcome is taken', async () => {
    await run(`
      if (JSON.parse(process.argv[2]).bytes !== ${table.length}) throw new Error('another job');
      console.log('{"done":true}');
    `);
    const refused = run(`console.log('{"done":false,"code":"LIST_CHECKSUM","message":"no"}')`);
    await expect(refused).rejects.toMatchObject({ code: 'LIST_CHECKSUM', message: 'no' });
  });

  it.each(['process.exit(3)', 'console.log("hello")', 'process.kill(process.pid, "SIGKILL")'])(
    'that says nothing of use (%s) is an interruption',
    async (source) => {
      await expect(run(source)).rejects.toMatchObject({ code: 'LIST_INTERRUPTED' });
    },
  );

  it('ends when it is not wanted any more', async () => {
    const stop = new AbortController();
    const running = run('setInterval(() => 0, 1000)', stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(running).rejects.toMatchObject({ code: 'LIST_INTERRUPTED' });
  });
});

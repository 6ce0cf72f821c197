import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@khien/shared/topic';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { helloOf, routerEvent, type TestEdge, type TestRouter, testEdge } from './edge.fixture.ts';

/*
 * Debian's mosquitto-clients, as they are: the edge is MQTT 3.1.1 for clients that nobody here has written.
 */
let home: TestEdge;
let router: TestRouter;
let folder: string;
const running: ChildProcess[] = [];
beforeEach(async () => {
  home = await testEdge();
  router = await home.enrolled();
  folder = mkdtempSync(join(tmpdir(), 'khien-mosquitto-'));
  writeFileSync(join(folder, 'ca'), router.tls.ca);
  writeFileSync(join(folder, 'cert'), router.tls.cert ?? '');
  writeFileSync(join(folder, 'key'), router.tls.key ?? '');
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill();
  rmSync(folder, { recursive: true });
  await home.stop();
});

function start(
  program: 'mosquitto_pub' | 'mosquitto_sub' | 'mosquitto_rr',
  args: readonly string[],
  id: string = router.id,
) {
  const credentials = ['--cafile', 'ca', '--cert', 'cert', '--key', 'key'].map((word, index) =>
    index % 2 === 0 ? word : join(folder, word),
  );
  const place = ['-h', 'localhost', '-p', String(home.edge.port), '-V', 'mqttv311', '-i', id];
  const child = spawn(program, [...place, ...credentials, ...args]);
  running.push(child);
  const result = { stdout: '', stderr: '', ended: once(child, 'close').then(([code]) => Number(code)) };
  child.stdout.on('data', (chunk: Buffer) => {
    result.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    result.stderr += chunk.toString();
  });
  return { child, result };
}

/** The status with which mosquitto_pub ends. */
const published = (...args: string[]) => start('mosquitto_pub', args).result.ended;
const batch = () => JSON.stringify({ events: [routerEvent()] });
const stored = () => home.store.db.selectFrom('event').select('payload').execute();
const codes = async () => (await stored()).map(({ payload }) => JSON.parse(payload).code);

describe('mosquitto_pub', () => {
  test.each(['1', '2'])('is told that its event of QoS %s is taken when it is committed', async (qos) => {
    expect(await published('-t', topics.events(router.id), '-q', qos, '-m', batch())).toBe(0);
    expect(await stored()).toHaveLength(1);
  });

  test('of QoS 0 is taken too', async () => {
    expect(await published('-t', topics.events(router.id), '-q', '0', '-m', batch())).toBe(0);
    await vi.waitFor(async () => expect(await stored()).toHaveLength(1));
  });

  test('sends many messages on one connection', async () => {
    const { child, result } = start('mosquitto_pub', ['-t', topics.events(router.id), '-q', '1', '-l']);
    child.stdin?.end(Array.from({ length: 100 }, () => `${batch()}\n`).join(''));
    expect(await result.ended).toBe(0);
    expect(await stored()).toHaveLength(100);
  });

  test.each([
    ['retained', () => ['-t', topics.events(router.id), '-q', '1', '-r', '-m', batch()]],
    [
      'to the topic of another',
      () => ['-t', topics.events('01J00000000000000000000000'), '-q', '1', '-m', batch()],
    ],
    ['to the broker’s own topics', () => ['-t', '$SYS/broker/load', '-q', '1', '-m', 'x']],
    ['to a topic that is too deep', () => ['-t', 'a/b/c/d/e/f/g/h', '-q', '1', '-m', 'x']],
  ])('%s is cut off, and nothing is kept', async (_what, args) => {
    expect(await published(...args())).not.toBe(0);
    expect(await stored()).toEqual([]);
  });

  test('that leaves a will is not let in', async () => {
    const will = ['--will-topic', topics.events(router.id), '--will-payload', batch()];
    expect(await published('-t', topics.events(router.id), '-q', '1', '-m', batch(), ...will)).not.toBe(0);
    expect(await stored()).toEqual([]);
  });

  test('of more than a message may have is cut off, which is recorded', async () => {
    const file = join(folder, 'large');
    writeFileSync(file, 'x'.repeat(300_000));
    expect(await published('-t', topics.events(router.id), '-q', '1', '-f', file)).not.toBe(0);
    await vi.waitFor(async () => expect(await codes()).toEqual(['MESSAGE_TOO_LARGE']));
  });

  test('in the name of another router is not let in', async () => {
    const other = await home.enrolled();
    const { result } = start('mosquitto_pub', ['-t', topics.events(other.id), '-m', batch()], other.id);
    expect(await result.ended).not.toBe(0);
    expect(result.stderr).toMatch(/not authori[sz]ed/i);
  });
});

describe('mosquitto_sub', () => {
  test('is granted its own topics, also with a session that is to be kept', async () => {
    const { result } = start('mosquitto_sub', ['-t', topics.document(router.id), '-q', '1', '-c', '-E']);
    expect(await result.ended).toBe(0);
    expect(result.stderr).toBe('');
  });

  test.each(['#', '+/+/+/down/doc', '$SYS/#', 'khien/v1/+/up/events', 'khien/v1/01/down/doc'])(
    'is refused %s',
    async (filter) => {
      const { result } = start('mosquitto_sub', ['-t', filter, '-q', '1', '-E']);
      await result.ended;
      expect(result.stdout).toBe('');
      expect(result.stderr).toMatch(/denied|refused|rejected/i);
    },
  );
});

test('mosquitto_rr says hello and is answered with a document', async () => {
  const hello = ['-t', topics.hello(router.id), '-q', '1', '-m', JSON.stringify(helloOf())];
  const { result } = start('mosquitto_rr', [...hello, '-e', topics.document(router.id), '-W', '10']);
  expect(await result.ended).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({ document: { router: router.id, version: 1 } });
});

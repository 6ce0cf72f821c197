import { once } from 'node:events';
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { HouseholdChange } from '../changes.ts';
import { cookieOf, Parent, TestCloud } from '../cloud.fixture.ts';
import { consent, join, makeOrganisation, makeWorker } from '../rights/people.fixture.ts';
import { OpenStreams } from './open-streams.ts';
import { EventStream } from './stream.ts';

let cloud: TestCloud;
let parent: Parent;
let base: string;
const requests: ClientRequest[] = [];
beforeEach(async () => {
  cloud = await TestCloud.start({ publicUrl: 'http://127.0.0.1' });
  parent = await cloud.signUp();
  base = await cloud.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const open of requests.splice(0)) open.destroy();
  await cloud.stop();
});

class Page {
  text = '';
  ended = false;
  readonly response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.text += text;
    });
    response.on('close', () => {
      this.ended = true;
    });
    response.on('error', () => undefined);
  }

  get changes(): string[] {
    return [...this.text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '').changed);
  }
}

const changed = (what: HouseholdChange['changed']) =>
  cloud.changes.announce({ household: parent.household, changed: what });

async function open(of: Parent, household = of.household): Promise<Page> {
  const sent = request(`${base}/api/v1/households/${household}/stream`, { headers: { cookie: of.cookie } });
  requests.push(sent);
  sent.on('error', () => undefined);
  sent.end();
  const [response] = await once(sent, 'response');
  return new Page(response);
}

test('tells a page what changed in its household, and in no other', async () => {
  const other = await cloud.signUp();
  const page = await open(parent);
  const theirs = await open(other);
  expect(page.response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  await parent.addChild();
  cloud.changes.announce({ household: parent.household, changed: 'requests' });
  await vi.waitFor(() => expect(page.changes).toEqual(['home', 'requests']));
  expect(theirs.changes).toEqual([]);
});

test('is for members only', async () => {
  const other = await cloud.signUp();
  expect((await open(other, parent.household)).response.statusCode).toBe(404);
  const nobody = await fetch(`${base}/api/v1/households/${parent.household}/stream`);
  expect(nobody.status).toBe(401);
  await nobody.body?.cancel();
});

test('beats while the session lasts, and ends with it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const page = await open(parent);
  vi.advanceTimersByTime(20_000);
  await vi.waitFor(() => expect(page.text).toMatch(/:\n\n$/));
  expect(page.ended).toBe(false);
  await parent.call('DELETE', '/api/v1/session');
  vi.advanceTimersByTime(20_000);
  await vi.waitFor(() => expect(page.ended).toBe(true));
});

const signInAgain = async () => {
  const response = await cloud.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    headers: { 'sec-fetch-site': 'same-origin' },
    payload: { email: parent.email, password: 'a long enough password' },
  });
  const { account, email, household } = parent;
  return new Parent(cloud.app, cookieOf(response), account, email, household);
};

test.each<[string, (elsewhere: Parent) => ReturnType<Parent['call']>]>([
  ['ends by signing out', (elsewhere) => elsewhere.call('DELETE', '/api/v1/session')],
  [
    'is ended elsewhere',
    async () => {
      const { items } = (await parent.call('GET', '/api/v1/account/sessions')).json();
      const other = items.find(({ current }: { current: boolean }) => !current);
      return parent.call('DELETE', `/api/v1/account/sessions/${other.id}`);
    },
  ],
  ['ends with all others', () => parent.call('DELETE', '/api/v1/account/sessions')],
  [
    'ends with its password',
    () => parent.call('PUT', '/api/v1/account/password', { password: 'một mật khẩu khác' }),
  ],
  [
    'ends with a recovery',
    async () => {
      const { codes } = (await parent.call('POST', '/api/v1/account/recovery-codes')).json();
      return parent.call('POST', '/api/v1/session/recovery', { code: codes[0] });
    },
  ],
  [
    'ends with its account',
    () => parent.call('POST', '/api/v1/account/deletion', { households: [parent.household] }),
  ],
])('a session that %s ends its pages at once, and no other person’s', async (_how, end) => {
  const other = await cloud.signUp();
  await join(cloud, other, parent.household, 'owner');
  const elsewhere = await signInAgain();
  const [page, theirs] = [await open(elsewhere), await open(other, parent.household)];
  expect((await end(elsewhere)).statusCode).toBeLessThan(300);
  await vi.waitFor(() => expect(page.ended).toBe(true));
  expect(page.changes).toEqual([]);
  expect(theirs.ended).toBe(false);
});

test('a session that ends closes what a worker has open of families, too', async () => {
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  await consent(cloud, parent, worker, ['activity']);
  const page = await open(worker.person, parent.household);
  await worker.person.call('DELETE', '/api/v1/session');
  await vi.waitFor(() => expect(page.ended).toBe(true));
});

test('a worker hears of what the consent names, and of nothing else', async () => {
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  await consent(cloud, parent, worker, ['activity']);
  const page = await open(worker.person, parent.household);
  for (const what of ['home', 'requests', 'notifications', 'activity'] as const) changed(what);
  await vi.waitFor(() => expect(page.changes).toEqual(['activity']));
});

test('the family reads of every hour in which a worker has its page open', async () => {
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  await consent(cloud, parent, worker, ['activity']);
  const [, theirs] = [await open(parent), await open(worker.person, parent.household)];
  for (let hour = 0; hour < 2; hour += 1) {
    cloud.now += 60 * MINUTE;
    changed('activity');
    await vi.waitFor(() => expect(theirs.changes).toHaveLength(hour + 1));
  }
  const { items } = (await parent.get('/audit')).json();
  expect(items.map(({ at, look }: { at: number; look: string }) => [look, cloud.now - at])).toEqual([
    ['family', 0],
    ['family', 60 * MINUTE],
    ['family', 120 * MINUTE],
  ]);
});

test('a consent that is ended ends the page of the worker at once, and no other', async () => {
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  const id = await consent(cloud, parent, worker, ['activity']);
  const [own, theirs] = [await open(parent), await open(worker.person, parent.household)];
  await parent.delete(`/consents/${id}`);
  await vi.waitFor(() => expect(theirs.ended).toBe(true));
  changed('activity');
  await vi.waitFor(() => expect(own.changes).toEqual(['rights', 'activity']));
  expect(theirs.changes).toEqual([]);
  expect(own.ended).toBe(false);
});

test('a consent that runs out says nothing more, and the page ends with the next beat', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  await consent(cloud, parent, worker, ['activity'], 1);
  const page = await open(worker.person, parent.household);
  cloud.now += DAY;
  changed('activity');
  vi.advanceTimersByTime(20_000);
  await vi.waitFor(() => expect(page.ended).toBe(true));
  expect(page.changes).toEqual([]);
});

test('a member who is removed hears no more, also when the node had missed it', async () => {
  const carer = await cloud.signUp();
  const { db } = cloud.store;
  for (const tell of [() => changed('rights'), () => cloud.changes.announceMissed()]) {
    await join(cloud, carer, parent.household, 'carer');
    const page = await open(carer, parent.household);
    await db.deleteFrom('member').where('account', '=', carer.account).execute();
    tell();
    await vi.waitFor(() => expect(page.ended).toBe(true));
    const heard = page.changes.length;
    await parent.addChild();
    expect(page.changes).toHaveLength(heard);
  }
});

test('a page that goes leaves nothing behind', async () => {
  const clear = vi.spyOn(globalThis, 'clearInterval');
  const unsubscribed = vi.fn();
  const { onHousehold } = cloud.changes;
  cloud.changes.onHousehold = (household, listener) => {
    const unsubscribe = onHousehold.call(cloud.changes, household, listener);
    return () => {
      unsubscribed();
      unsubscribe();
    };
  };
  await open(parent);
  const before = clear.mock.calls.length;
  requests.at(-1)?.destroy();
  await vi.waitFor(() => expect(unsubscribed).toHaveBeenCalledOnce());
  expect(clear.mock.calls.length).toBeGreaterThan(before);
  clear.mockRestore();
});

test('the seventeenth page of an account closes the first', async () => {
  const pages: Page[] = [];
  for (let i = 0; i < 17; i += 1) pages.push(await open(parent));
  await vi.waitFor(() => expect(pages[0]?.ended).toBe(true));
  expect(pages.filter(({ ended }) => !ended)).toHaveLength(16);
});

test('a server that stops does not wait for open pages', async () => {
  const page = await open(parent);
  await cloud.app.close();
  await vi.waitFor(() => expect(page.ended).toBe(true));
});

test('what changes after the end of a page does no harm, and who does not read is let go', async () => {
  const failed = vi.fn();
  const server = createServer((asked, response) => {
    response.on('error', failed);
    const stream = new EventStream(response, {});
    if (asked.url === '/ended') {
      stream.close();
      stream.send({ changed: 'home' });
      stream.heartbeat();
    } else {
      for (let i = 0; i < 100_000 && !response.destroyed; i += 1) stream.send({ changed: 'home' });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  expect(await (await fetch(`${url}/ended`)).text()).toBe(': hello\n\n');
  await expect(fetch(`${url}/slow`).then((response) => response.text())).rejects.toThrow();
  expect(failed).not.toHaveBeenCalled();
  server.close();
});

test('streams of accounts are counted apart, and each is counted once', () => {
  const closed: string[] = [];
  const stream = (name: string) => ({ close: () => closed.push(name) });
  const streams = new OpenStreams(2);
  const [a1, a2, a3, b1] = [stream('a1'), stream('a2'), stream('a3'), stream('b1')];
  streams.add('a', a1);
  streams.add('b', b1);
  streams.add('a', a2);
  streams.remove('a', a1);
  streams.remove('a', a1);
  streams.add('a', a3);
  expect(closed).toEqual([]);
  streams.add('a', stream('a4'));
  expect(closed).toEqual(['a2']);
  streams.closeAll();
  expect(closed.sort()).toEqual(['a2', 'a3', 'a4', 'b1']);
});

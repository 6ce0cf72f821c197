import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { profileDocumentSchema } from '../households/schema.ts';

let cloud: TestCloud;
let parent: Parent;
let child: string;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
  child = await parent.addChild();
});
afterEach(() => cloud.stop());

function ask(method: 'GET' | 'PATCH', headers: Record<string, string>, payload?: object) {
  return cloud.app.inject({
    method,
    url: `/api/v1/households/${parent.household}/profiles/${child}`,
    headers: { cookie: parent.cookie, 'sec-fetch-site': 'same-origin', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}
const etagNow = async () => String((await ask('GET', {})).headers.etag);

describe('a child’s document', () => {
  test('is not sent again to who has it', async () => {
    const first = await ask('GET', {});
    profileDocumentSchema.strict().parse(first.json());
    const etag = String(first.headers.etag);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask('GET', { 'if-none-match': known });
      expect([again.statusCode, again.body, again.headers.etag], known).toEqual([304, '', etag]);
    }
    expect((await ask('GET', { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  test('has the tag that the home says, which pauses and time do not change', async () => {
    const etag = await etagNow();
    expect((await parent.home()).profiles[0]?.etag).toBe(etag);
    await parent.put(`/profiles/${child}/pause`, { minutes: 30 });
    cloud.now += 3_600_000;
    expect((await parent.home()).profiles[0]?.etag).toBe(etag);
    const changed = await ask('PATCH', {}, { name: 'An' });
    expect(changed.json().etag).toBe(changed.headers.etag);
    expect(await etagNow()).toBe(changed.headers.etag);
    expect(changed.headers.etag).not.toBe(etag);
  });

  test('is changed as it was seen, or not at all', async () => {
    const seen = await etagNow();
    const mine = await ask('PATCH', { 'if-match': seen }, { name: 'Mai Anh' });
    expect(mine.statusCode).toBe(200);
    const theirs = await ask('PATCH', { 'if-match': seen }, { name: 'Bông' });
    expect(theirs.json()).toMatchObject({ status: 412, code: 'PRECONDITION_FAILED' });
    expect((await ask('PATCH', { 'if-match': `W/${mine.headers.etag}` }, { name: 'x' })).statusCode).toBe(
      412,
    );
    expect((await parent.home()).profiles[0]?.name).toBe('Mai Anh');
    for (const list of ['*', `"a", ${mine.headers.etag}`]) {
      expect((await ask('PATCH', { 'if-match': list }, { name: 'Mai Anh' })).statusCode).toBe(200);
    }
  });

  test('of two who change it at once, one does', async () => {
    const seen = await etagNow();
    const answers = await Promise.all(
      ['A', 'B', 'C', 'D'].map((name) => ask('PATCH', { 'if-match': seen }, { name })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412, 412]);
  });
});

test('what changes with a release is asked for by its tag, too', async () => {
  const { headers } = await cloud.app.inject({ url: '/api/v1/catalogue' });
  const again = await cloud.app.inject({
    url: '/api/v1/catalogue',
    headers: { 'if-none-match': String(headers.etag) },
  });
  expect(again.statusCode).toBe(304);
});

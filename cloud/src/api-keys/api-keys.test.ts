import { newId } from '@khien/shared/id';
import { DAY, MINUTE } from '@khien/shared/policy';
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupLines } from '../backup/write.ts';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { problemSchema } from '../problem.schema.ts';
import { join } from '../rights/people.fixture.ts';
import { apiKeyMadeSchema } from './schema.ts';
import { isToken, newToken } from './token.ts';

let cloud: TestCloud;
let parent: Parent;
beforeEach(async () => {
  cloud = await TestCloud.start();
  parent = await cloud.signUp();
});
afterEach(() => cloud.stop());

async function make(scopes: readonly string[] = ['read'], more: object = {}, who = parent) {
  return apiKeyMadeSchema.parse(
    (await who.post('/api-keys', { name: 'Nhà thông minh', scopes, ...more })).json(),
  );
}

const addressOf = (path: string, of = parent) => `/api/v1/households/${of.household}${path}`;

function ask(
  token: string,
  method: NonNullable<InjectOptions['method']>,
  url: string,
  payload?: object,
  headers: Record<string, string> = {},
) {
  return cloud.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

async function outcome(...asked: Parameters<typeof ask>): Promise<string | number> {
  const response = await ask(...asked);
  if (response.statusCode < 400) return response.statusCode;
  return problemSchema.parse(response.json()).code;
}

/** Everything that a key may ask, by hand: a route that is not here is closed to it. */
const H = '/api/v1/households/:household';
const readable = [
  `GET ${H}`,
  `GET ${H}/activity`,
  `GET ${H}/holidays`,
  `GET ${H}/notifications`,
  `GET ${H}/profiles/:profile`,
  `GET ${H}/profiles/:profile/usage`,
  `GET ${H}/proposals`,
  `GET ${H}/requests`,
  `GET ${H}/rules`,
  `GET ${H}/weekly`,
];
const changeable = [
  `DELETE ${H}/alerts/:alert`,
  `PATCH ${H}`,
  `PATCH ${H}/devices/:device`,
  `DELETE ${H}/devices/:device/macs/:mac`,
  `DELETE ${H}/devices/:device/pause`,
  `PUT ${H}/devices/:device/pause`,
  `POST ${H}/holidays`,
  `DELETE ${H}/holidays/:holiday`,
  `PUT ${H}/holidays/:holiday`,
  `POST ${H}/profiles`,
  `PATCH ${H}/profiles/:profile`,
  `POST ${H}/profiles/:profile/bonuses`,
  `DELETE ${H}/profiles/:profile/bonuses/:bonus`,
  `DELETE ${H}/profiles/:profile/grant`,
  `POST ${H}/profiles/:profile/grant`,
  `DELETE ${H}/profiles/:profile/learning`,
  `PUT ${H}/profiles/:profile/learning`,
  `DELETE ${H}/profiles/:profile/pause`,
  `PUT ${H}/profiles/:profile/pause`,
  `POST ${H}/proposals/:proposal/confirm`,
  `POST ${H}/proposals/:proposal/deny`,
  `POST ${H}/proposals/:proposal/reopen`,
  `POST ${H}/requests/:request/answer`,
];

describe('a key', () => {
  test('opens what its scopes say, of its own household, and nothing else', async () => {
    const REACHED = 299;
    const guarded = await TestCloud.start({
      prepare: (app) =>
        app.addHook('preParsing', async ({ apiKey }, reply) => {
          if (apiKey) await reply.code(REACHED).send();
        }),
    });
    const owner = await guarded.signUp();
    const stranger = await guarded.signUp();
    const routes = guarded.routes.flatMap(({ method, url }) =>
      [method].flat().flatMap((one) => (one === 'HEAD' ? [] : [{ method: one as 'GET', url }])),
    );
    const opened = async (scopes: string[], household: string) => {
      const { token } = await make(scopes, {}, owner);
      const found: string[] = [];
      for (const { method, url } of routes) {
        if (!url.startsWith('/api/v1/') || url.startsWith('/api/v1/openapi')) continue;
        const address = url.replace(/:(\w+)/g, (_all, name: string) =>
          name === 'household' ? household : newId(),
        );
        const response = await guarded.app.inject({
          method,
          url: address,
          headers: { authorization: `Bearer ${token}` },
          remoteAddress: `10.3.${found.length}.1`,
        });
        if (response.statusCode === REACHED) found.push(`${method} ${url}`);
        else expect([400, 401, 403, 404], `${method} ${url}`).toContain(response.statusCode);
      }
      return found.filter((name) => name.includes(':household')).sort();
    };
    expect(await opened(['read'], owner.household)).toEqual([...readable].sort());
    guarded.now += MINUTE;
    expect(await opened(['care'], owner.household)).toEqual([...readable, ...changeable].sort());
    expect(await opened(['read', 'care'], stranger.household)).toEqual([]);
    await guarded.stop();
  });

  test('pauses a child without a browser, in the name of who made it', async () => {
    const child = await parent.addChild();
    const { token } = await make(['read', 'care']);
    expect(await outcome(token, 'PUT', addressOf(`/profiles/${child}/pause`), { minutes: 30 })).toBe(200);
    expect((await ask(token, 'GET', addressOf(''))).json().profiles[0].pause).not.toBeNull();
    await outcome(token, 'POST', addressOf(`/profiles/${child}/bonuses`), { quota: newId(), minutes: 5 });
    const { token: reader } = await make(['read']);
    expect(await outcome(reader, 'DELETE', addressOf(`/profiles/${child}/pause`))).toBe('FORBIDDEN');
  });

  test('is shown once, and the store does not have it', async () => {
    const { token, id } = await make();
    let stored = '';
    for await (const line of backupLines(cloud.store, 0)) stored += line;
    expect(stored).toContain(id);
    expect(stored).not.toContain(token);
    expect(JSON.stringify((await parent.get('/api-keys')).json())).not.toContain(token);
    expect(JSON.stringify((await parent.get('/export')).json())).not.toMatch(/token_hash/);
  });

  test('that is mistyped is told from one that is not known', async () => {
    const { token } = await make();
    const slips = ['', 'x', token.slice(0, -1), `${token}A`, `${token.slice(0, 8)}_${token.slice(9)}`];
    for (const slip of slips.filter((one) => one !== token)) {
      expect(await outcome(slip, 'GET', addressOf(''))).toBe('API_KEY_MISTYPED');
    }
    expect(await outcome(newToken(), 'GET', addressOf(''))).toBe('API_KEY_UNKNOWN');
    expect(isToken(token)).toBe(true);
  });

  test('and a cookie exclude each other, and Basic of a proxy does not matter', async () => {
    const { token } = await make();
    const cookie = { cookie: parent.cookie };
    expect(await outcome(token, 'GET', addressOf(''), undefined, cookie)).toBe('CREDENTIALS_AMBIGUOUS');
    const basic = { headers: { ...cookie, authorization: 'Basic YTpi' } };
    expect((await cloud.app.inject({ url: addressOf(''), ...basic })).statusCode).toBe(200);
    const crossSite = await cloud.app.inject({ method: 'PATCH', url: addressOf(''), payload: {}, ...basic });
    expect(crossSite.json()).toMatchObject({ code: 'CROSS_SITE' });
  });

  test('ends when it is revoked, when it expires, and when its owner is none any more', async () => {
    const { token, id } = await make();
    expect((await parent.delete(`/api-keys/${id}`)).statusCode).toBe(204);
    expect(await outcome(token, 'GET', addressOf(''))).toBe('API_KEY_UNKNOWN');
    expect((await parent.delete(`/api-keys/${id}`)).statusCode).toBe(404);

    const brief = await make(['read'], { expiresAt: cloud.now + MINUTE });
    expect(await outcome(brief.token, 'GET', addressOf(''))).toBe(200);
    cloud.now += MINUTE;
    expect(await outcome(brief.token, 'GET', addressOf(''))).toBe('API_KEY_UNKNOWN');
    expect((await parent.get('/api-keys')).json().items).toEqual([]);

    const other = await cloud.signUp();
    await join(cloud, other, parent.household, 'owner');
    const theirs = await make();
    const payload = { role: 'carer' };
    await other.call('PATCH', addressOf(`/members/${parent.account}`), payload);
    expect(await outcome(theirs.token, 'GET', addressOf(''))).toBe('API_KEY_UNKNOWN');
    await other.call('PATCH', addressOf(`/members/${parent.account}`), { role: 'owner' });
    const again = await make();
    expect(await outcome(again.token, 'GET', addressOf(''))).toBe(200);
    await other.call('DELETE', addressOf(`/members/${parent.account}`));
    expect(await outcome(again.token, 'GET', addressOf(''))).toBe('API_KEY_UNKNOWN');
  });

  test('is noted in the log of the family, and when it was used', async () => {
    const { token, id } = await make();
    await ask(token, 'GET', addressOf(''));
    const used = cloud.now;
    cloud.now += MINUTE;
    await ask(token, 'GET', addressOf(''));
    expect((await parent.get('/api-keys')).json().items).toMatchObject([{ id, usedAt: used, madeBy: 'Lan' }]);
    await parent.delete(`/api-keys/${id}`);
    const log = (await parent.get('/audit')).json().items;
    expect(log).toMatchObject([
      { kind: 'api-key-removed', about: 'Nhà thông minh', name: 'Lan' },
      { kind: 'api-key-added', about: 'Nhà thông minh', name: 'Lan' },
    ]);
  });

  test('has a limit of its own, wherever it is used', async () => {
    const { token } = await make();
    const other = await make();
    let refused = 0;
    for (let asked = 0; asked < 310; asked += 1) {
      const response = await cloud.app.inject({
        url: addressOf('/holidays'),
        headers: { authorization: `Bearer ${token}` },
        remoteAddress: `10.9.${asked % 200}.7`,
      });
      if (response.statusCode === 429) refused += 1;
    }
    expect(refused).toBe(10);
    expect(await outcome(other.token, 'GET', addressOf('/holidays'))).toBe(200);
  });
});

test('a household has ten keys at most, also when they are made at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 14 }, () => parent.post('/api-keys', { name: 'x', scopes: ['read'] })),
  );
  expect(made.filter(({ statusCode }) => statusCode === 201)).toHaveLength(10);
  expect(made.filter((one) => one.json().code === 'LIMIT_REACHED')).toHaveLength(4);
});

test.each([
  [{ scopes: [] }],
  [{ scopes: ['own'] }],
  [{ name: ' ' }],
  [{ expiresAt: 1 }],
  [{ expiresAt: Date.UTC(2026, 5, 1, 5) + 366 * DAY }],
])('%j is refused', async (wrong) => {
  const body = { name: 'x', scopes: ['read'], ...wrong };
  expect((await parent.post('/api-keys', body)).json()).toMatchObject({ code: 'INVALID_INPUT' });
});

test('nobody makes a key without having signed in lately', async () => {
  cloud.now += 16 * MINUTE;
  const response = await parent.post('/api-keys', { name: 'x', scopes: ['read'] });
  expect(response.json()).toMatchObject({ code: 'REAUTHENTICATION_NEEDED' });
});

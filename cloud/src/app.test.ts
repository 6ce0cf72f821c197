import { newId } from '@khien/shared/id';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from './cloud.fixture.ts';
import { problemSchema } from './problem.schema.ts';
import { appointAdministrator, consent, makeOrganisation, makeWorker } from './rights/people.fixture.ts';

type Method = NonNullable<InjectOptions['method']>;

let cloud: TestCloud;
let mine: Parent;
let theirs: Parent;
/** What exists in the other household, by the name of its parameter. */
const foreign: Record<string, string> = {};
let address = 0;

beforeAll(async () => {
  cloud = await TestCloud.start();
  mine = await cloud.signUp();
  theirs = await cloud.signUp();
  const router = await cloud.claimRouter(theirs);
  const device = await cloud.findDevice(theirs, router, '3c:22:fb:00:00:01');
  const profile = await theirs.addChild();
  const request = newId();
  await cloud.ingest.ingest(router, [
    {
      id: newId(),
      at: cloud.now,
      timeSource: 'ntp',
      kind: 'request',
      request,
      profile,
      device,
      ask: 'time',
      minutes: 15,
      text: '',
    },
  ]);
  const mac = '02:00:00:00:00:01';
  await theirs.patch(`/devices/${device}`, { profile });
  await cloud.findDevice(theirs, router, mac);
  const header = { at: cloud.now, timeSource: 'ntp', mac, evidence: ['hostname'] } as const;
  await cloud.ingest.ingest(router, [
    { ...header, id: newId(), kind: 'device-resembles', device, evidence: ['hostname'] },
    { ...header, id: newId(), kind: 'device-changed', evidence: ['hostname'] },
  ]);
  await theirs.post('/holidays', { name: 'x', from: '2026-06-01', to: '2026-06-02' });
  const { proposals, alerts, holidays } = await theirs.home();
  const [proposal, alert, holiday] = [proposals, alerts, holidays].map(([first]) => first?.id ?? '');
  const household = theirs.household;
  const invitation = (await theirs.post('/invitations', { role: 'viewer' })).json().id;
  Object.assign(foreign, { invitation, account: theirs.account });
  const worker = await makeWorker(cloud, await makeOrganisation(cloud));
  Object.assign(foreign, { consent: await consent(cloud, theirs, worker, ['rules']) });
  // So that what is sent to the routes of administrators is looked at, too.
  await appointAdministrator(cloud, theirs);
  Object.assign(foreign, { household, router, device, profile, request, proposal, alert, holiday, mac });
});
afterAll(() => cloud.stop());

const credential = { id: 'AAAA', rawId: 'AAAA', type: 'public-key' };
const registration = { ...credential, response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA' } };
const assertion = {
  ...credential,
  response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
};
const token = 'x'.repeat(43);

/** A body that is right for each route that takes one. */
const bodies: Record<string, object> = {
  'POST /account': {
    email: 'x@example.vn',
    password: 'a long enough password',
    name: 'x',
    household: { name: 'x', zone: 'UTC' },
    language: 'en',
  },
  'POST /session': { email: 'x@example.vn', password: 'x' },
  'PATCH /account': { name: 'x', language: 'en', email: 'x@example.vn' },
  'PUT /account/password': { password: 'a long enough password', email: 'x@example.vn' },
  'POST /account/deletion': { households: [] },
  'POST /account/passkey/options': { name: 'x' },
  'POST /account/passkey': {
    ceremony: 'x',
    registration,
    name: 'x',
    household: { name: 'x', zone: 'UTC' },
    language: 'en',
  },
  'POST /account/passkeys': { ceremony: 'x', registration },
  'PATCH /account/passkeys/:passkey': { name: 'x' },
  'POST /session/passkey': { ceremony: 'x', assertion },
  'POST /session/confirmation/passkey': { ceremony: 'x', assertion },
  'POST /session/confirmation/password': { password: 'x' },
  'POST /session/recovery': { code: 'x' },
  'POST /households': { name: 'x', zone: 'UTC', language: 'en' },
  'POST /invitations/offer': { token },
  'POST /invitations/acceptance': { token },
  'POST /households/:household/invitations': { role: 'viewer', label: 'x' },
  'PATCH /households/:household/members/:account': { role: 'viewer' },
  'PATCH /households/:household': { name: 'x' },
  'PATCH /households/:household/devices/:device': { name: 'x' },
  'POST /households/:household/profiles': { name: 'x', ageBand: '0-5' },
  'PATCH /households/:household/profiles/:profile': { name: 'x' },
  'PUT /households/:household/profiles/:profile/pause': { minutes: 5 },
  'POST /households/:household/profiles/:profile/grant': { minutes: 5 },
  'PUT /households/:household/profiles/:profile/learning': { minutes: 5 },
  'POST /households/:household/profiles/:profile/bonuses': { quota: newId(), minutes: 5, reason: 'x' },
  'PUT /households/:household/devices/:device/pause': { minutes: 5 },
  'POST /households/:household/holidays': { name: 'x', from: '2026-07-01', to: '2026-07-02' },
  'PUT /households/:household/holidays/:holiday': { name: 'x', from: '2026-07-01', to: '2026-07-02' },
  'POST /households/:household/routers': { claimCode: '0000-0000' },
  'POST /households/:household/requests/:request/answer': { granted: false, minutes: 0, reply: '' },
  'POST /households/:household/consents/worker': { code: '0000-0000' },
  'POST /households/:household/consents': {
    code: '0000-0000',
    scope: ['rules'],
    days: 1,
    childrenAgree: true,
  },
  'POST /households/:household/erasure': { name: 'x' },
  'POST /households/:household/api-keys': { name: 'x', scopes: ['read'], expiresAt: Date.UTC(2026, 6, 1) },
  'POST /households/:household/webhooks': { url: 'https://hooks.example.vn/x', kinds: ['request'] },
  'PATCH /households/:household/webhooks/:webhook': { kinds: ['request'] },
  'POST /households/:household/notifications/read': { sequence: 1 },
  'PATCH /households/:household/notification-settings': { details: true },
  'PUT /account/push': {
    endpoint: 'https://push.example.vn/x',
    keys: { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) },
  },
  'POST /organisations': { name: 'x' },
  'PATCH /organisations/:organisation': { name: 'x' },
  'POST /duties': { kind: 'operator', email: 'x@example.vn', isp: 'x' },
};

/** Routes that change something and take nothing but their address. */
const withoutBody = [
  ...['confirm', 'deny', 'reopen'].map((what) => `POST /households/:household/proposals/:proposal/${what}`),
  ...['release', 'revoke'].map((what) => `POST /households/:household/routers/:router/${what}`),
  'POST /households/:household/webhooks/:webhook/test',
  'POST /households/:household/notifications/test',
  'POST /session/passkey/options',
  'POST /session/confirmation/passkey/options',
  'POST /account/passkeys/options',
  'POST /account/recovery-codes',
];

const PREFIX = '/api/v1';
const withoutHousehold = [
  '/openapi.json',
  '/account',
  '/account/deletion',
  '/account/duties',
  '/account/passkey',
  '/account/passkey/options',
  '/account/passkeys',
  '/account/passkeys/:passkey',
  '/account/passkeys/options',
  '/account/password',
  '/account/push',
  '/account/recovery-codes',
  '/account/security',
  '/account/sessions',
  '/account/sessions/:session',
  '/households',
  '/invitations/acceptance',
  '/invitations/offer',
  '/session',
  '/session/confirmation/passkey',
  '/session/confirmation/passkey/options',
  '/session/confirmation/password',
  '/session/passkey',
  '/session/passkey/options',
  '/session/recovery',
  '/catalogue',
  '/contacts',
  '/organisations',
  '/organisations/:organisation',
  '/duties',
  '/duties/:duty',
  '/duties/changes',
  '/families',
  '/fleet',
  '/fleet/routers',
];

/** What routers ask, with neither a session nor a page; `hostile` walks it. */
const ROUTERS = ['/lists/:name', ...['', '/token', '/renewal'].map((path) => `${PREFIX}/enrolment${path}`)];
/** Every route of the parents' API, as the application registered it. */
const routes = () =>
  cloud.routes
    .filter(({ url }) => url.startsWith(PREFIX) && !ROUTERS.includes(url))
    .flatMap(({ method, url }) => [method].flat().map((one) => ({ method: one as Method, url })));
const householdRoutes = () => routes().filter(({ url }) => url.includes(':household'));
const bodyOf = ({ method, url }: { method: Method; url: string }) =>
  bodies[`${method} ${url.slice(PREFIX.length)}`];

const fill = (url: string, ids: Record<string, string>) =>
  url.replace(
    /:(\w+)/g,
    (_all, name: string) => ids[name] ?? (name === 'mac' ? '02:00:00:00:00:99' : newId()),
  );

/** Each from an address of its own, so that no rate limit is met. */
function ask(
  method: Method,
  url: string,
  options: { cookie?: string; payload?: InjectOptions['payload']; headers?: Record<string, string> } = {},
) {
  address += 1;
  const { cookie, payload, headers } = options;
  return cloud.app.inject({
    method,
    url,
    remoteAddress: `10.${Math.floor(address / 65_536)}.${Math.floor(address / 256) % 256}.${address % 256}`,
    headers: { 'sec-fetch-site': 'same-origin', ...(cookie === undefined ? {} : { cookie }), ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

function expectProblem(
  response: { statusCode: number; headers: Record<string, unknown>; body: string },
  code: string,
  what: string,
) {
  expect(response.headers['content-type'], what).toBe('application/problem+json; charset=utf-8');
  const problem = problemSchema.parse(JSON.parse(response.body));
  expect({ what, code: problem.code }).toEqual({ what, code });
  expect(problem.status).toBe(response.statusCode);
}

test('the walk below reaches every route', () => {
  const withBodies = routes()
    .filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method))
    .map(({ method, url }) => `${method} ${url.slice(PREFIX.length)}`);
  expect(withBodies.sort()).toEqual([...Object.keys(bodies), ...withoutBody].sort());
  expect(householdRoutes().length).toBeGreaterThan(15);
  const others = routes().filter(({ url }) => !url.includes(':household'));
  expect([...new Set(others.map(({ url }) => url.slice(PREFIX.length)))].sort()).toEqual(
    withoutHousehold.sort(),
  );
});

describe('who may', () => {
  test('nobody without a session', async () => {
    for (const route of householdRoutes().filter(({ method }) => method !== 'HEAD')) {
      const response = await ask(route.method, fill(route.url, foreign), { payload: bodyOf(route) });
      expectProblem(response, 'UNAUTHENTICATED', `${route.method} ${route.url}`);
    }
  });

  test('another’s household is as absent as one that never was, whatever is below it', async () => {
    for (const route of householdRoutes().filter(({ method }) => method !== 'HEAD')) {
      const options = { cookie: mine.cookie, payload: bodyOf(route) };
      const response = await ask(route.method, fill(route.url, foreign), options);
      const absent = await ask(route.method, fill(route.url, {}), options);
      expectProblem(response, 'NOT_FOUND', `${route.method} ${route.url}`);
      expect(absent.body).toBe(response.body);
    }
  });

  test('ids of another household do not work below the own one', async () => {
    const below = householdRoutes().filter(({ url }) => (url.match(/:/g) ?? []).length > 1);
    for (const route of below.filter(({ method }) => method !== 'HEAD')) {
      const ids = { ...foreign, household: mine.household };
      const options = { cookie: mine.cookie, payload: bodyOf(route) };
      const response = await ask(route.method, fill(route.url, ids), options);
      const absent = await ask(route.method, fill(route.url, { household: mine.household }), options);
      expectProblem(response, 'NOT_FOUND', `${route.method} ${route.url}`);
      expect(absent.body).toBe(response.body);
    }
    expect((await mine.home()).profiles).toEqual([]);
    const home = await theirs.home();
    expect(home.profiles).toMatchObject([{ id: foreign.profile, name: 'Mai', pause: null }]);
    expect(home.openRequests).toMatchObject([{ id: foreign.request }]);
    expect(home.routers).toMatchObject([{ id: foreign.router }]);
    expect(home.proposals).toMatchObject([{ id: foreign.proposal }]);
    expect(home.alerts).toMatchObject([{ id: foreign.alert }]);
    expect(home.holidays).toMatchObject([{ id: foreign.holiday }]);
  });

  test('lists of the own household have nothing of others', async () => {
    expect(await mine.home()).toMatchObject({
      routers: [],
      profiles: [],
      devices: [],
      openRequests: [],
      proposals: [],
      alerts: [],
      holidays: [],
    });
    expect((await mine.get('/proposals')).json()).toEqual({ items: [] });
    expect((await mine.get('/holidays')).json()).toMatchObject({ items: [] });
    expect((await mine.get('/requests')).json()).toEqual({ items: [], next: null });
    expect((await mine.get(`/activity?profile=${foreign.profile}`)).json()).toEqual({
      items: [],
      next: null,
    });
  });

  test('no page of another site', async () => {
    for (const route of routes().filter(({ method }) => !['GET', 'HEAD'].includes(method))) {
      const url = fill(route.url, { ...foreign, household: mine.household });
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site', origin: 'https://khien.test', host: 'khien.test' },
      ]) {
        const response = await ask(route.method, url, {
          cookie: mine.cookie,
          payload: bodyOf(route),
          headers,
        });
        expectProblem(response, 'CROSS_SITE', `${route.method} ${route.url}`);
      }
    }
  });
});

describe('what is sent', () => {
  const withBody = () => routes().filter((route) => bodyOf(route) !== undefined);
  const urlOf = (url: string) => fill(url, { ...foreign });
  const cookie = () => theirs.cookie;

  test('nothing, or not JSON, or not an object', async () => {
    for (const route of withBody()) {
      const url = urlOf(route.url);
      const what = `${route.method} ${route.url}`;
      const json = { 'content-type': 'application/json' };
      expectProblem(await ask(route.method, url, { cookie: cookie() }), 'INVALID_INPUT', what);
      for (const payload of ['{"a":', '', '{"__proto__":{"x":1}}', 'null{}']) {
        const response = await ask(route.method, url, { cookie: cookie(), payload, headers: json });
        expectProblem(response, 'MALFORMED_BODY', `${what} ${payload}`);
      }
      for (const payload of ['[]', '7', '"x"', 'null', '{}'.padEnd(10)]) {
        if (payload.startsWith('{') && route.method === 'PATCH') continue;
        const response = await ask(route.method, url, { cookie: cookie(), payload, headers: json });
        expectProblem(response, 'INVALID_INPUT', `${what} ${payload}`);
      }
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      for (const headers of [
        form,
        { 'content-type': 'text/plain' },
        { 'content-type': 'multipart/form-data' },
      ]) {
        const response = await ask(route.method, url, { cookie: cookie(), payload: 'name=x', headers });
        expectProblem(response, 'UNSUPPORTED_MEDIA_TYPE', what);
      }
    }
  });

  test('each field of a wrong type, and far too much', async () => {
    for (const route of withBody()) {
      const right = bodyOf(route) ?? {};
      for (const field of Object.keys(right)) {
        for (const wrong of [{ not: 'this' }, [[]], 1e300, -1, true, '\u0000'.repeat(40_000)]) {
          if (['granted', 'childrenAgree', 'details'].includes(field) && wrong === true) continue;
          const payload = { ...right, [field]: wrong };
          const response = await ask(route.method, urlOf(route.url), { cookie: cookie(), payload });
          expect(response.statusCode, `${route.method} ${route.url} ${field}`).toBeGreaterThanOrEqual(400);
          expect(response.statusCode, `${route.method} ${route.url} ${field}`).toBeLessThan(500);
          expectProblem(response, response.statusCode === 413 ? 'TOO_LARGE' : 'INVALID_INPUT', field);
        }
      }
      const huge = { ...right, padding: 'x'.repeat(65 * 1024) };
      const response = await ask(route.method, urlOf(route.url), { cookie: cookie(), payload: huge });
      expectProblem(response, 'TOO_LARGE', `${route.method} ${route.url}`);
    }
  });

  test('ids that are no ids', async () => {
    for (const route of householdRoutes().filter(({ method }) => method !== 'HEAD')) {
      for (const bad of ['x', '%00', "'%20or%201=1--", '..%2f..%2fetc', '9'.repeat(26), 'é'.repeat(20)]) {
        const household = route.url.match(/:/g)?.length === 1 ? bad : theirs.household;
        const url = route.url.replace(':household', household).replace(/:\w+/, bad);
        const response = await ask(route.method, url, { cookie: cookie(), payload: bodyOf(route) });
        expectProblem(response, 'NOT_FOUND', `${route.method} ${url}`);
      }
    }
  });

  test('queries that make no sense', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'before=x', 'profile=1', 'limit=5&limit=6']) {
      expectProblem(await theirs.get(`/activity?${query}`), 'INVALID_INPUT', query);
    }
  });

  test('none of it did anything', async () => {
    expect(await theirs.home()).toMatchObject({
      name: 'Nhà',
      profiles: [{ name: 'Mai', pause: null, grant: null, learning: null, bonuses: [] }],
      devices: [{ pause: null }, { pause: null }],
      openRequests: [{ answer: null }],
      proposals: [{ id: foreign.proposal }],
      holidays: [{ name: 'x', from: '2026-06-01' }],
    });
    expect(cloud.logged.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  });
});

describe('addresses that lead nowhere', () => {
  test.each(['/api', '/api/', '/api/v1', '/api/v1/nope', '/api/v2/account', '/nope.js', '/assets/x.js'])(
    '%s is a problem',
    async (url) => {
      for (const method of ['GET', 'POST', 'DELETE'] as const) {
        expectProblem(await ask(method, url), 'NOT_FOUND', url);
      }
    },
  );

  test('a method that an address does not have is nothing either', async () => {
    expectProblem(await ask('PUT', '/api/v1/account', { payload: {} }), 'NOT_FOUND', 'PUT');
    expectProblem(await ask('OPTIONS', '/api/v1/account'), 'NOT_FOUND', 'OPTIONS');
  });
});

test('who asks for ever is slowed down', async () => {
  const often = await TestCloud.start();
  let last = await often.app.inject({ url: '/api/v1/contacts' });
  for (let i = 0; i < 1200; i += 1) last = await often.app.inject({ url: '/api/v1/contacts' });
  expectProblem(last, 'TOO_MANY_REQUESTS', 'contacts');
  expect((await often.app.inject({ url: '/api/v1/contacts', remoteAddress: '10.9.9.9' })).statusCode).toBe(
    200,
  );
  await often.stop();
});

test('the log has neither names nor addresses nor secrets', () => {
  const log = cloud.logged.join('');
  expect(log).toContain('/api/v1/households/:household');
  for (const secret of [
    'example.vn',
    '10.0.',
    '192.0.2',
    'Mai',
    theirs.household,
    theirs.cookie.slice(12, 40),
  ]) {
    expect(log.includes(secret), secret).toBe(false);
  }
});

test('the API describes itself, every route of it', async () => {
  const description = (await ask('GET', '/api/v1/openapi.json')).json();
  const described = Object.entries<Record<string, unknown>>(description.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  const expected = routes().filter(({ url, method }) => method !== 'HEAD' && !url.endsWith('openapi.json'));
  for (const [path, methods] of Object.entries<Record<string, { summary?: string }>>(description.paths)) {
    for (const route of Object.values(methods)) expect(route.summary, path).toMatch(/^[A-Z]/);
  }
  const ofRouters = ROUTERS.map((url) => `${url.startsWith(PREFIX) ? 'POST' : 'GET'} ${url}`);
  const all = [...expected.map(({ method, url }) => `${method} ${url}`), ...ofRouters];
  expect(described.sort()).toEqual(all.sort());
});

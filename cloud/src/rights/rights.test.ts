import { newId } from '@khien/shared/id';
import { DAY } from '@khien/shared/policy';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Parent, TestCloud } from '../cloud.fixture.ts';
import { contextPlugin } from '../context.ts';
import { problemSchema } from '../problem.schema.ts';
import {
  consent,
  join,
  makeAdministrator,
  makeOperator,
  makeOrganisation,
  makeWorker,
} from './people.fixture.ts';
import { rightsPlugin } from './rights-plugin.ts';

/*
 * Every route × everybody × the own and a foreign household. Who may what is written down here once more, by hand, and
 * not computed from what the routes say: a new route fails this test until somebody has decided here, too.
 */

const members = ['owner', 'carer', 'viewer'] as const;
const consented = ['worker for activity', 'worker for rules', 'worker for requests'] as const;
const others = [
  'stranger',
  'worker without consent',
  'worker of an ended consent',
  'operator',
  'administrator',
] as const;
type Person = (typeof members)[number] | (typeof consented)[number] | (typeof others)[number];
const everybody: readonly Person[] = [...members, ...consented, ...others];

const groups = {
  anybody: everybody,
  'signed in': everybody,
  owner: ['owner'],
  carers: ['owner', 'carer'],
  family: members,
  'family, activity': [...members, 'worker for activity'],
  'family, rules': [...members, 'worker for rules'],
  'family, requests': [...members, 'worker for requests'],
  'family, consented': [...members, ...consented],
  workers: [...consented, 'worker without consent', 'worker of an ended consent'],
  operator: ['operator'],
  administrator: ['administrator'],
} as const satisfies Record<string, readonly Person[]>;
type Group = keyof typeof groups;

const H = '/households/:household';
const table: Record<string, Group> = {
  'GET /openapi.json': 'anybody',
  'GET /catalogue': 'anybody',
  'GET /contacts': 'anybody',
  'POST /account': 'anybody',
  'POST /session': 'anybody',
  'DELETE /session': 'anybody',
  'POST /account/passkey/options': 'anybody',
  'POST /account/passkey': 'anybody',
  'POST /session/passkey/options': 'anybody',
  'POST /session/passkey': 'anybody',
  'POST /session/recovery': 'anybody',
  'POST /invitations/offer': 'anybody',
  'GET /account': 'signed in',
  'PATCH /account': 'signed in',
  'POST /session/confirmation/passkey/options': 'signed in',
  'POST /session/confirmation/passkey': 'signed in',
  'POST /session/confirmation/password': 'signed in',
  'POST /account/passkeys/options': 'signed in',
  'POST /account/passkeys': 'signed in',
  'PATCH /account/passkeys/:passkey': 'signed in',
  'DELETE /account/passkeys/:passkey': 'signed in',
  'GET /account/security': 'signed in',
  'PUT /account/password': 'signed in',
  'DELETE /account/password': 'signed in',
  'POST /account/recovery-codes': 'signed in',
  'GET /account/sessions': 'signed in',
  'DELETE /account/sessions': 'signed in',
  'DELETE /account/sessions/:session': 'signed in',
  'GET /account/deletion': 'signed in',
  'POST /account/deletion': 'signed in',
  'GET /account/push': 'signed in',
  'PUT /account/push': 'signed in',
  'DELETE /account/push': 'signed in',
  'POST /households': 'signed in',
  'POST /invitations/acceptance': 'signed in',
  'GET /account/duties': 'signed in',

  [`GET ${H}`]: 'family',
  [`PATCH ${H}`]: 'carers',
  [`PATCH ${H}/devices/:device`]: 'carers',
  [`DELETE ${H}/devices/:device/macs/:mac`]: 'carers',
  [`PUT ${H}/devices/:device/pause`]: 'carers',
  [`DELETE ${H}/devices/:device/pause`]: 'carers',
  [`POST ${H}/profiles`]: 'carers',
  [`GET ${H}/profiles/:profile`]: 'family',
  [`PATCH ${H}/profiles/:profile`]: 'carers',
  [`DELETE ${H}/profiles/:profile`]: 'owner',
  [`PUT ${H}/profiles/:profile/pause`]: 'carers',
  [`DELETE ${H}/profiles/:profile/pause`]: 'carers',
  [`POST ${H}/profiles/:profile/grant`]: 'carers',
  [`DELETE ${H}/profiles/:profile/grant`]: 'carers',
  [`PUT ${H}/profiles/:profile/learning`]: 'carers',
  [`DELETE ${H}/profiles/:profile/learning`]: 'carers',
  [`POST ${H}/profiles/:profile/bonuses`]: 'carers',
  [`DELETE ${H}/profiles/:profile/bonuses/:bonus`]: 'carers',
  [`GET ${H}/profiles/:profile/usage`]: 'family, activity',
  [`GET ${H}/activity`]: 'family, activity',
  [`GET ${H}/requests`]: 'family, requests',
  [`POST ${H}/requests/:request/answer`]: 'carers',
  [`GET ${H}/holidays`]: 'family, rules',
  [`POST ${H}/holidays`]: 'carers',
  [`PUT ${H}/holidays/:holiday`]: 'carers',
  [`DELETE ${H}/holidays/:holiday`]: 'carers',
  [`GET ${H}/proposals`]: 'family',
  [`POST ${H}/proposals/:proposal/confirm`]: 'carers',
  [`POST ${H}/proposals/:proposal/deny`]: 'carers',
  [`POST ${H}/proposals/:proposal/reopen`]: 'carers',
  [`GET ${H}/export`]: 'owner',
  [`POST ${H}/erasure`]: 'owner',
  [`DELETE ${H}/alerts/:alert`]: 'carers',
  [`GET ${H}/members`]: 'family',
  [`PATCH ${H}/members/:account`]: 'owner',
  [`DELETE ${H}/members/:account`]: 'owner',
  [`DELETE ${H}/membership`]: 'family',
  [`GET ${H}/invitations`]: 'owner',
  [`POST ${H}/invitations`]: 'owner',
  [`DELETE ${H}/invitations/:invitation`]: 'owner',
  [`GET ${H}/notifications`]: 'family',
  [`POST ${H}/notifications/read`]: 'family',
  [`POST ${H}/notifications/test`]: 'family',
  [`GET ${H}/notification-settings`]: 'family',
  [`PATCH ${H}/notification-settings`]: 'family',
  [`GET ${H}/weekly`]: 'family',
  [`POST ${H}/routers`]: 'owner',
  [`POST ${H}/routers/:router/release`]: 'owner',
  [`POST ${H}/routers/:router/revoke`]: 'owner',
  [`DELETE ${H}/routers/:router`]: 'owner',
  [`GET ${H}/stream`]: 'family, consented',
  [`GET ${H}/shared`]: 'family, consented',
  [`GET ${H}/rules`]: 'family, rules',
  [`GET ${H}/audit`]: 'family',
  [`GET ${H}/consents`]: 'family',
  [`POST ${H}/consents`]: 'owner',
  [`POST ${H}/consents/worker`]: 'owner',
  [`DELETE ${H}/consents/:consent`]: 'owner',

  [`GET ${H}/api-keys`]: 'owner',
  [`POST ${H}/api-keys`]: 'owner',
  [`DELETE ${H}/api-keys/:key`]: 'owner',
  [`GET ${H}/webhooks`]: 'owner',
  [`POST ${H}/webhooks`]: 'owner',
  [`PATCH ${H}/webhooks/:webhook`]: 'owner',
  [`DELETE ${H}/webhooks/:webhook`]: 'owner',
  [`POST ${H}/webhooks/:webhook/test`]: 'owner',
  [`GET ${H}/webhooks/:webhook/attempts`]: 'owner',

  'GET /families': 'workers',
  'GET /fleet': 'operator',
  'GET /fleet/routers': 'operator',
  'GET /organisations': 'administrator',
  'POST /organisations': 'administrator',
  'PATCH /organisations/:organisation': 'administrator',
  'GET /duties': 'administrator',
  'POST /duties': 'administrator',
  'DELETE /duties/:duty': 'administrator',
  'GET /duties/changes': 'administrator',
};

const PREFIX = '/api/v1';
const REACHED = 299;

let cloud: TestCloud;
let family: Parent;
let foreign: Parent;
const people = new Map<Person, Parent>();

beforeAll(async () => {
  // Nothing that a route does is done: what the decision lets through ends here, before its body is read.
  cloud = await TestCloud.start({
    prepare: (app) =>
      app.addHook('preParsing', async (_request, reply) => {
        if (people.size > 0) await reply.code(REACHED).send();
      }),
  });
  family = await cloud.signUp();
  foreign = await cloud.signUp();
  const found = new Map<Person, Parent>([['owner', family]]);
  for (const role of ['carer', 'viewer'] as const) {
    const person = await cloud.signUp();
    await join(cloud, person, family.household, role);
    found.set(role, person);
  }
  found.set('stranger', await cloud.signUp());
  found.set('operator', await makeOperator(cloud, 'VNPT'));
  found.set('administrator', await makeAdministrator(cloud));
  const organisation = await makeOrganisation(cloud);
  const scopes = { activity: 30, rules: 30, requests: 30 } as const;
  for (const scope of ['activity', 'rules', 'requests'] as const) {
    const worker = await makeWorker(cloud, organisation);
    await consent(cloud, family, worker, [scope], scopes[scope]);
    found.set(`worker for ${scope}`, worker.person);
  }
  const ended = await makeWorker(cloud, organisation);
  await consent(cloud, family, ended, ['activity', 'rules', 'requests'], 1);
  found.set('worker of an ended consent', ended.person);
  found.set('worker without consent', (await makeWorker(cloud, organisation)).person);
  cloud.now += DAY;
  for (const [name, person] of found) people.set(name, person);
});
afterAll(() => cloud.stop());

interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
}

const routes = (): Route[] =>
  cloud.routes
    .filter(({ url }) => url.startsWith('/api'))
    .flatMap(({ method, url }) => [method].flat().map((one) => ({ method: one as Route['method'], url })))
    // What routers speak to has neither session nor household.
    .filter(({ url }) => !url.startsWith(`${PREFIX}/enrolment`));

const nameOf = ({ method, url }: Route) =>
  `${method === 'HEAD' ? 'GET' : method} ${url.slice(PREFIX.length)}`;

/** Each from an address of its own, so that no rate limit is met. */
let asked = 0;
async function outcome(route: Route, cookie: string | undefined, household: string): Promise<string> {
  const url = route.url.replace(/:(\w+)/g, (_all, name: string) =>
    name === 'household' ? household : newId(),
  );
  asked += 1;
  const response = await cloud.app.inject({
    method: route.method,
    url,
    remoteAddress: `10.1.${Math.floor(asked / 256) % 256}.${asked % 256}`,
    headers: { 'sec-fetch-site': 'same-origin', ...(cookie === undefined ? {} : { cookie }) },
  });
  if (response.statusCode === REACHED) return 'reached';
  // An answer to HEAD has no body.
  const codes: Record<number, string> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN', 404: 'NOT_FOUND' };
  if (route.method === 'HEAD') return codes[response.statusCode] ?? `${response.statusCode}`;
  return problemSchema.parse(response.json()).code;
}

/** What somebody meets at the household where they are what they are called, or, where `own` is false, at another. */
function expected(group: Group, url: string, person: Person, own: boolean): string {
  const may = (groups[group] as readonly Person[]).includes(person);
  if (!url.includes(':household')) return may ? 'reached' : 'FORBIDDEN';
  const known = own && ([...members, ...consented] as readonly Person[]).includes(person);
  if (!known) return 'NOT_FOUND';
  return may ? 'reached' : 'FORBIDDEN';
}

test('the table has every route, and no other', () => {
  const names = [...new Set(routes().map(nameOf))];
  expect(names.filter((name) => table[name] === undefined)).toEqual([]);
  expect(Object.keys(table).filter((name) => !names.includes(name))).toEqual([]);
});

describe('every route', () => {
  test.each(everybody)('asked by: %s', async (person) => {
    const cookie = people.get(person)?.cookie;
    const wrong: string[] = [];
    for (const route of routes()) {
      const group = table[nameOf(route)];
      if (group === undefined) continue;
      for (const own of [true, false]) {
        const met = await outcome(route, cookie, own ? family.household : foreign.household);
        const right = expected(group, route.url, person, own);
        if (met !== right) wrong.push(`${nameOf(route)} (${own ? 'own' : 'foreign'}): ${met}, not ${right}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('asked by nobody', async () => {
    const wrong: string[] = [];
    for (const route of routes()) {
      for (const cookie of [undefined, '__Host-khien=forged']) {
        const met = await outcome(route, cookie, family.household);
        const right = table[nameOf(route)] === 'anybody' ? 'reached' : 'UNAUTHENTICATED';
        if (met !== right) wrong.push(`${nameOf(route)}: ${met}, not ${right}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test('workers who were let through are in the log of the family, and nobody else is', async () => {
  const rows = await cloud.store.db.selectFrom('audit').selectAll().orderBy('id').execute();
  const looks = rows.map(({ household, account, about }) => ({ household, account, about }));
  const workers = (['activity', 'rules', 'requests'] as const).flatMap((scope) => {
    const account = people.get(`worker for ${scope}`)?.account ?? '';
    return [scope, 'family'].map((about) => ({ household: family.household, account, about }));
  });
  expect(looks).toHaveLength(workers.length);
  expect(looks).toEqual(expect.arrayContaining(workers));
});

test('an application with a route of the API that names no right does not start', async () => {
  const app = Fastify();
  const { store, changes, documents, enrolment } = cloud;
  const publicUrl = new URL('https://khien.test');
  app.register(contextPlugin, { store, changes, documents, enrolment, now: () => cloud.now, publicUrl });
  app.register(rightsPlugin);
  app.register((api, _options, done) => {
    api.get('/api/v1/forgotten', () => 'everything');
    done();
  });
  await expect(app.ready()).rejects.toMatchObject({ code: 'RIGHT_MISSING' });
});

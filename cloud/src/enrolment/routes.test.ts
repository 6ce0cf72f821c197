import { generateKeyPairSync } from 'node:crypto';
import { enrolmentGrantSchema, identitySchema, signEnrolment, signRenewal } from '@khien/shared/enrolment';
import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Authority } from '../authority/authority.ts';
import { LocalChanges } from '../changes.ts';
import { contextPlugin } from '../context.ts';
import { addHousehold, temporaryStore } from '../documents/home.fixture.ts';
import { openDocumentKeys } from '../documents/keys.ts';
import { limitsPlugin } from '../http/limits.ts';
import { problemPlugin } from '../http/problem.ts';
import { RouterEnrolment } from './enrolment.ts';
import { enrolmentRoutes } from './routes.ts';

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let enrolment: RouterEnrolment;
let app: ReturnType<typeof Fastify>;

beforeEach(async () => {
  temporary = await temporaryStore();
  const { db } = temporary.store;
  enrolment = new RouterEnrolment({
    store: temporary.store,
    authority: await Authority.open(db),
    documentKeys: (await openDocumentKeys(db)).published,
    mqttUrl: 'mqtts://edge.example:8883',
    verificationUri: 'https://khien.example/',
    now: Date.now,
  });
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  await app.register(problemPlugin);
  await app.register(contextPlugin, {
    store: temporary.store,
    changes: new LocalChanges(),
    documents: { rebuild: () => Promise.resolve([]) },
    enrolment,
    now: Date.now,
    publicUrl: new URL('https://khien.example/'),
  });
  await app.register(limitsPlugin);
  await app.register(enrolmentRoutes, { enrolment });
});
afterEach(async () => {
  await app.close();
  await temporary.remove();
});

const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });

function newRequest() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
  return signEnrolment({ publicKey: spki, model: 'm', daemon: '0.1.0', at: 1 }, privateKey);
}

test('over HTTP: ask, poll, be claimed, fetch; no answer may be cached', async () => {
  const asked = await post('/api/v1/enrolment', newRequest());
  expect(asked.headers['cache-control']).toBe('no-store');
  const grant = enrolmentGrantSchema.parse(asked.json());

  const pending = await post('/api/v1/enrolment/token', { device_code: grant.device_code });
  expect(pending.statusCode).toBe(400);
  expect(pending.headers['content-type']).toContain('application/problem+json');
  expect(pending.json()).toMatchObject({ status: 400, code: 'authorization_pending' });

  const household = await addHousehold(temporary.store, Date.now());
  await temporary.store.db
    .transaction()
    .execute((trx) => enrolment.claim(trx, household, grant.user_code, undefined));
  const done = await post('/api/v1/enrolment/token', { device_code: grant.device_code });
  expect(done.statusCode).toBe(200);
  expect(done.headers['cache-control']).toBe('no-store');
  identitySchema.parse(done.json());
});

test('an unknown device code, a wrong proof and a wrong form are told as problems', async () => {
  const unknown = await post('/api/v1/enrolment/token', { device_code: 'nothing' });
  expect(unknown.json()).toMatchObject({ status: 400, code: 'expired_token' });
  const wrongProof = await post('/api/v1/enrolment', { ...newRequest(), model: 'other' });
  expect(wrongProof.json()).toMatchObject({ code: 'INVALID_INPUT', fields: [{ pointer: '/signature' }] });
  const wrongForm = await post('/api/v1/enrolment', { publicKey: 7 });
  expect(wrongForm.json()).toMatchObject({ status: 400, code: 'INVALID_INPUT' });
  const large = await post('/api/v1/enrolment', { ...newRequest(), model: 'x'.repeat(5000) });
  expect(large.statusCode).toBe(413);
});

test('one address may open twenty enrolments a minute', async () => {
  const request = newRequest();
  for (let i = 0; i < 20; i += 1) expect((await post('/api/v1/enrolment', request)).statusCode).toBe(200);
  expect((await post('/api/v1/enrolment', request)).statusCode).toBe(429);
});

test('over HTTP: a certificate is renewed with its key, and not kept by anybody on the way', async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
  const asked = { publicKey, model: 'm', daemon: '0.1.0', at: 1 };
  const { store } = temporary;
  const { device_code: code, user_code: shown } = await enrolment.open(signEnrolment(asked, pair.privateKey));
  const household = await addHousehold(store, 1);
  await store.transaction((trx) => enrolment.claim(trx, household, shown, undefined));
  const { router, certificate } = identitySchema.parse(await enrolment.poll(code));

  const request = signRenewal({ certificate, at: 1 }, pair.privateKey);
  const answer = await post('/api/v1/enrolment/renewal', request);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(identitySchema.parse(answer.json()).router).toBe(router);
  expect((await post('/api/v1/enrolment/renewal', { ...request, at: 2 })).statusCode).toBe(400);
  await store.db.deleteFrom('router').execute();
  const refused = await post('/api/v1/enrolment/renewal', request);
  expect(refused.json()).toMatchObject({ code: 'ROUTER_UNKNOWN' });
});

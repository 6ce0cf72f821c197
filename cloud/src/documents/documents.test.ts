import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { catalogue } from '@khien/shared/catalogue';
import { defaultContacts } from '@khien/shared/contact';
import { type DocumentVersions, openDocument } from '@khien/shared/document';
import { type Id, newId } from '@khien/shared/id';
import type { ListsBody } from '@khien/shared/list';
import { DAY, MINUTE } from '@khien/shared/policy';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LocalChanges } from '../changes.ts';
import { manifestOf } from '../lists/manifest.ts';
import { SignedDocuments, type StoredDocument } from './documents.ts';
import { addChild, addHousehold, addRouter, plainRules, temporaryStore } from './home.fixture.ts';
import { openDocumentKeys } from './keys.ts';
import { documentRefresh } from './refresh.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const NONE: DocumentVersions = { policy: 0, contacts: 0, lists: 0 };

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let store: typeof temporary.store;
let now: number;
let lists: ListsBody;
let documents: SignedDocuments;
let publicKeys: Parameters<typeof openDocument>[1]['keys'];
let household: Id;
let router: Id;
let profile: Id;
let device: Id;

beforeEach(async () => {
  temporary = await temporaryStore();
  store = temporary.store;
  now = START;
  lists = manifestOf(catalogue, null, []);
  const keys = await openDocumentKeys(store.db);
  publicKeys = keys.published.map(({ id, key }) => ({
    id,
    key: createPublicKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'spki' }),
  }));
  documents = new SignedDocuments({
    key: keys.signing,
    catalogue,
    contacts: defaultContacts,
    lists: () => lists,
    now: () => now,
  });
  household = await addHousehold(store, now);
  router = await addRouter(store, household, now);
  ({ profile, device } = await addChild(store, household, now));
});
afterEach(() => temporary.remove());

const rebuild = () => store.db.transaction().execute((trx) => documents.rebuild(trx, household));
const newerThan = (have: DocumentVersions, id = router) =>
  store.db.transaction().execute((trx) => documents.newerThan(trx, { id, household }, have));
const rename = (name: string) =>
  store.db.updateTable('profile').set({ name }).where('id', '=', profile).execute();
const versions = (list: readonly StoredDocument[]) =>
  Object.fromEntries(list.map((document) => [document.kind, document.version]));
const open = (signed: string, newest = NONE, id = router) =>
  openDocument(Buffer.from(signed), { keys: publicKeys, router: id, newest });

async function policyOf(id = router): Promise<string> {
  const found = (await documents.stored(store.db, id)).find((document) => document.kind === 'policy');
  if (found === undefined) throw new Error('no policy');
  return found.signed;
}

test('a router gets each document, signed, and an unchanged household makes no new version', async () => {
  expect(await rebuild()).toEqual([router]);
  const stored = await documents.stored(store.db, router);
  expect(versions(stored)).toEqual({ policy: 1, contacts: 1, lists: 1 });
  for (const document of stored) open(document.signed);

  now += DAY;
  expect(await rebuild()).toEqual([]);
  expect(versions(await documents.stored(store.db, router))).toEqual({ policy: 1, contacts: 1, lists: 1 });
});

test('a new list makes the next version of its document, and of no other', async () => {
  await rebuild();
  const table = { version: '2026-03', path: '/lists/a.khl', bytes: 9, sha256: 'a'.repeat(64) };
  lists = manifestOf(catalogue, table, [5]);
  expect(await rebuild()).toEqual([router]);
  const [fresh, ...others] = await newerThan({ policy: 1, contacts: 1, lists: 1 });
  expect(others).toEqual([]);
  const { document } = open(fresh?.signed ?? '');
  expect(document).toMatchObject({ kind: 'lists', version: 2, body: { table } });
  expect(document.kind === 'lists' && document.body.categories[0]).toEqual({ id: 'adult', bit: 0, names: 5 });
});

test('a change makes the next version of the document it is in, for every router of the household', async () => {
  const second = await addRouter(store, household, now);
  await rebuild();
  await rename('Lan');
  expect((await rebuild()).sort()).toEqual([router, second].sort());
  for (const id of [router, second]) {
    expect(versions(await documents.stored(store.db, id))).toEqual({ policy: 2, contacts: 1, lists: 1 });
    const { document } = open(await policyOf(id), { policy: 1, contacts: 1, lists: 1 }, id);
    expect(document.kind === 'policy' && document.body.profiles[0]?.name).toBe('Lan');
  }
});

test('a tampered, older, foreign or foreignly signed document is refused', async () => {
  await rebuild();
  const signed = await policyOf();
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : error;
    }
    return 'accepted';
  };
  expect(code(() => open(signed))).toBe('accepted');
  expect(code(() => open(signed.replace('Mai', 'Mao')))).toBe('DOCUMENT_BAD_SIGNATURE');
  expect(code(() => open(signed, { policy: 2, contacts: 0, lists: 0 }))).toBe('DOCUMENT_OLD_VERSION');
  expect(code(() => open(signed, NONE, newId()))).toBe('DOCUMENT_OTHER_ROUTER');

  const stranger = new SignedDocuments({
    key: { id: publicKeys[0]?.id ?? '', key: generateKeyPairSync('ed25519').privateKey },
    catalogue,
    contacts: defaultContacts,
    lists: () => lists,
    now: () => now,
  });
  await rename('Lan');
  await store.db.transaction().execute((trx) => stranger.rebuild(trx, household));
  expect(code(() => open('{}'))).toBe('DOCUMENT_MALFORMED');
  const forged = await policyOf();
  expect(code(() => open(forged))).toBe('DOCUMENT_BAD_SIGNATURE');
});

test('the signing key is made once', async () => {
  const [one, two] = await Promise.all([openDocumentKeys(store.db), openDocumentKeys(store.db)]);
  expect(one.published).toEqual(two.published);
  expect(publicKeys.map((key) => key.id)).toEqual(one.published.map((key) => key.id));
});

test('a router is sent only what is newer than it has', async () => {
  expect(versions(await newerThan(NONE))).toEqual({ policy: 1, contacts: 1, lists: 1 });
  expect(await newerThan({ policy: 1, contacts: 1, lists: 1 })).toEqual([]);
  await rename('Lan');
  await rebuild();
  expect(versions(await newerThan({ policy: 1, contacts: 1, lists: 1 }))).toEqual({ policy: 2 });
});

test('a router that is ahead of a restored store gets its documents again, above what it has', async () => {
  await rebuild();
  const ahead = await newerThan({ policy: 41, contacts: 1, lists: 1 });
  expect(versions(ahead)).toEqual({ policy: 42 });
  open(ahead[0]?.signed ?? '', { policy: 41, contacts: 1, lists: 1 });
  expect(await newerThan({ policy: 42, contacts: 1, lists: 1 })).toEqual([]);
  await rename('Lan');
  await rebuild();
  expect(versions(await newerThan({ policy: 42, contacts: 1, lists: 1 }))).toEqual({ policy: 43 });
});

test('a version that nobody counted up to is not followed', async () => {
  await rebuild();
  await expect(newerThan({ policy: Number.MAX_SAFE_INTEGER, contacts: 0, lists: 0 })).rejects.toMatchObject({
    code: 'DOCUMENT_VERSION_ABSURD',
  });
  expect(versions(await documents.stored(store.db, router))).toEqual({ policy: 1, contacts: 1, lists: 1 });
});

test('a policy too large for a message is refused with the change that made it', async () => {
  await rebuild();
  const names = Array.from({ length: 500 }, (_, i) => `${'a'.repeat(60)}.${'b'.repeat(60)}.${i}.example`);
  const rules = { ...plainRules, blockedNames: names, allowedNames: names };
  for (let i = 0; i < 4; i += 1)
    await addChild(store, household, now, { rules, mac: `02:00:00:00:01:0${i}` });
  await expect(rebuild()).rejects.toMatchObject({ code: 'POLICY_TOO_LARGE' });
  expect(versions(await documents.stored(store.db, router))).toEqual({ policy: 1, contacts: 1, lists: 1 });
});

test('an answer leaves the policy a day after it was given, in the next round of refreshes', async () => {
  await store.db
    .insertInto('request')
    .values({
      id: newId(),
      household,
      profile,
      device,
      ask: 'time',
      minutes: 30,
      text: '',
      at: now,
      granted: 1,
      answer_minutes: 30,
      reply: 'Ừ',
      answered_at: now,
      answered_by: 'me',
    })
    .execute();
  await rebuild();
  expect(await policyOf()).toContain('Ừ');

  now += DAY + MINUTE;
  const changes = new LocalChanges();
  const told = vi.fn();
  changes.onRouter(told);
  const refresh = documentRefresh({ store, documents, changes, log: console });
  refresh.start();
  await vi.waitFor(() => expect(told.mock.calls).toEqual([[{ router, document: 'policy' }]]));
  await refresh.stop();
  expect(await policyOf()).not.toContain('Ừ');
});

test('a household whose documents cannot be made does not keep the others from theirs', async () => {
  const broken = await addHousehold(store, now - DAY, 'Mars/Olympus');
  await addRouter(store, broken, now);
  const errors = vi.fn();
  const refresh = documentRefresh({
    store,
    documents,
    changes: new LocalChanges(),
    log: { error: errors },
    breath: 0,
  });
  refresh.start();
  await vi.waitFor(async () => expect(await documents.stored(store.db, router)).toHaveLength(3));
  await vi.waitFor(() => expect(errors).toHaveBeenCalledOnce());
  await refresh.stop();
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Api } from '../api/endpoints.ts';
import { type Fetch, Http } from '../api/http.ts';
import { keepIn } from '../api/keep.ts';
import { Session } from './session.ts';

const account = { id: 'a', name: 'Lan', language: 'vi', households: [], recovering: false };

beforeEach(() => void vi.stubGlobal('navigator', { languages: ['vi'] }));
afterEach(() => void vi.unstubAllGlobals());

/** A phone, and whether the server knows its session. */
function phone() {
  const server = { knows: true };
  const answer = (method: string | undefined) => {
    if (!server.knows) return Response.json({ code: 'UNAUTHENTICATED' }, { status: 401 });
    if (method === 'DELETE') server.knows = false;
    return Response.json(account);
  };
  const fetch: Fetch = (_url, { method }) => Promise.resolve(answer(method));
  const api: Api = new Api(new Http(fetch, () => session.end()));
  const session: Session = new Session(api, keepIn(undefined));
  return { server, api, session };
}

test('who was never signed in has no session that ended', async () => {
  const { server, session } = phone();
  server.knows = false;
  await session.ask();
  expect(session.value).toEqual({ kind: 'signed-out', ended: false });
});

test('who signs out knows it, whatever else was under way', async () => {
  const { api, session } = phone();
  await session.ask();
  expect(session.value.kind).toBe('signed-in');
  await session.signOut();
  await api.account().catch(() => undefined);
  expect(session.value).toEqual({ kind: 'signed-out', ended: false });
});

test('whose session ended elsewhere is told so, until they sign in again', async () => {
  const { server, api, session } = phone();
  await session.ask();
  server.knows = false;
  await Promise.allSettled([api.account(), session.ask(), api.account()]);
  expect(session.value).toEqual({ kind: 'signed-out', ended: true });
  server.knows = true;
  await session.enter(() => api.account());
  await session.signOut();
  expect(session.value).toEqual({ kind: 'signed-out', ended: false });
});

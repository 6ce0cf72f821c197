import { describe, expect, test, vi } from 'vitest';
import { type ApiError, apiErrorOf } from './api-error.ts';
import { type Fetch, Http } from './http.ts';

const answer =
  (status: number, body: string, type = 'application/problem+json'): Fetch =>
  async () =>
    new Response(status === 204 ? null : body, { status, headers: { 'content-type': type } });

function failureOf(fetch: Fetch, signedOut = () => {}): Promise<ApiError> {
  const call = new Http(fetch, signedOut).call('GET', '/account');
  return call.then(
    () => Promise.reject(new Error('it did not fail')),
    (thrown: unknown) => apiErrorOf(thrown),
  );
}

test('what it sends and gets is JSON, below one path, with the session of this site only', async () => {
  const fetch = vi.fn<Fetch>(answer(200, '{"a":1}', 'application/json'));
  expect(await new Http(fetch, () => {}).call('PUT', '/x/y', { minutes: null })).toEqual({ a: 1 });
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(url).toBe('/api/v1/x/y');
  expect(init).toMatchObject({ method: 'PUT', credentials: 'same-origin', body: '{"minutes":null}' });
  expect(init?.headers).toMatchObject({ 'content-type': 'application/json' });
});

test('a body is announced only where there is one', async () => {
  const fetch = vi.fn<Fetch>(answer(204, ''));
  expect(await new Http(fetch, () => {}).call('DELETE', '/session')).toBeUndefined();
  expect(fetch.mock.calls[0]?.[1].headers).not.toHaveProperty('content-type');
});

describe('errors', () => {
  test('a problem keeps its code and the fields that were refused', async () => {
    const fields = [{ pointer: '/email', message: 'Invalid email' }, { message: 'no pointer' }, null];
    const body = JSON.stringify({ code: 'INVALID_INPUT', status: 400, fields });
    const failure = await failureOf(answer(400, body));
    expect(failure).toMatchObject({ code: 'INVALID_INPUT', status: 400, fields: ['/email'] });
  });

  test.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'UNEXPECTED'],
    [502, 'NETWORK'],
  ])('a proxy that answers %i without a problem is told by its status', async (status, code) => {
    const failure = await failureOf(answer(status, '<h1>sorry</h1>', 'text/html'));
    expect(failure).toMatchObject({ code, status });
  });

  test("a captive portal's page in the place of an answer is no connection", async () => {
    const failure = await failureOf(answer(200, '<html>Log in to the Wi-Fi</html>', 'text/html'));
    expect(failure).toMatchObject({ code: 'NETWORK', unreachable: true });
  });

  test('no answer is told from a late one', async () => {
    const offline = await failureOf(() => Promise.reject(new TypeError('Failed to fetch')));
    const late = await failureOf(() => Promise.reject(new DOMException('late', 'TimeoutError')));
    expect([offline.code, late.code]).toEqual(['NETWORK', 'TIMEOUT']);
    expect(offline.unreachable && late.unreachable).toBe(true);
  });

  test('a session that is over is told once; wrong credentials are not a session that is over', async () => {
    const signedOut = vi.fn();
    const unauthenticated = answer(401, '{"code":"UNAUTHENTICATED"}');
    await failureOf(unauthenticated, signedOut);
    expect(signedOut).toHaveBeenCalledTimes(1);
    await failureOf(answer(401, '{"code":"CREDENTIALS_WRONG"}'), signedOut);
    expect(signedOut).toHaveBeenCalledTimes(1);
  });
});

describe('what must not be done twice', () => {
  test('is sent again with the same key until an answer comes', async () => {
    vi.useFakeTimers();
    const keys: (string | null)[] = [];
    const answers = [
      () => Promise.reject(new TypeError('no network')),
      answer(409, '{"code":"IDEMPOTENCY_KEY_IN_USE"}'),
      answer(200, '{"a":1}', 'application/json'),
    ];
    const fetch: Fetch = (url, init) => {
      keys.push(new Headers(init.headers).get('idempotency-key'));
      return (answers.shift() ?? answer(500, ''))(url, init);
    };
    const done = new Http(fetch, () => {}).callOnce('POST', '/grant', { minutes: 15 });
    await vi.runAllTimersAsync();
    expect(await done).toEqual({ a: 1 });
    expect(keys[0]).toMatch(/^\w{26}$/);
    expect(keys).toEqual([keys[0], keys[0], keys[0]]);
    vi.useRealTimers();
  });

  test('is not sent again when it was refused', async () => {
    const fetch = vi.fn<Fetch>(answer(409, '{"code":"NOTHING_TO_EXTEND"}'));
    await expect(new Http(fetch, () => {}).callOnce('POST', '/grant')).rejects.toMatchObject({
      code: 'NOTHING_TO_EXTEND',
    });
    expect(fetch).toHaveBeenCalledOnce();
  });
});

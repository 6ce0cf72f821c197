import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { EventOf } from '@khien/shared/event';
import { type Answer, nothingUsed, type Policy, type Profile } from '@khien/shared/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../clock/manual-clock.ts';
import { AN, GUEST_MAC, policy } from '../dns/fixture/household.ts';
import { FakeDevices, FakeSide } from '../dns/fixture/lan.ts';
import { InForce, nothingInForce } from '../policy/in-force.ts';
import { Portal } from './portal.ts';

const PORT = randomInt(30_000, 40_000);
const HOST = 'khien.home.arpa';
/** Each request by a connection of its own. */
const AT = { host: '127.0.0.1', port: PORT, agent: false };

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; to?: string } = {},
): Promise<Reply> {
  const { method = 'GET', headers = {}, body, to = '127.0.0.1' } = options;
  return new Promise((resolve, reject) => {
    const sending = request(
      { ...AT, host: to, path, method, headers: { host: HOST, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

function post(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Reply> {
  return send('/request', {
    method: 'POST',
    headers: { origin: `http://${HOST}`, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

const time = { ask: 'time', minutes: '30', text: 'bài tập' };
const submitted: EventOf<'request'>[] = [];
const answers: Answer[] = [];
const state = {
  connected: true,
  claimCode: null as string | null,
  waiting: false,
  broken: false,
  known: true,
  managed: true,
  child: {} as Partial<Profile>,
  policy: {} as Partial<Policy>,
};
let clock = new ManualClock();
let errors: string[] = [];
let devices = new FakeDevices();
let portal: Portal;

beforeEach(async () => {
  submitted.length = 0;
  answers.length = 0;
  errors = [];
  Object.assign(state, {
    connected: true,
    claimCode: null,
    waiting: false,
    broken: false,
    managed: true,
    child: { pause: { since: 0, until: null } },
    policy: {},
  });
  clock = new ManualClock();
  devices = new FakeDevices({ '127.0.0.1': AN.mac });
  portal = new Portal({
    clock,
    log: { info: () => undefined, warn: () => undefined, error: (message) => errors.push(message) },
    devices,
    side: new FakeSide(['127.0.0.1', '::1']),
    inForce: () =>
      state.managed
        ? new InForce({ ...policy({ an: state.child }), ...state.policy, answers }, nothingInForce.contacts)
        : nothingInForce,
    used: nothingUsed,
    submit: (event) => {
      if (state.broken) return Promise.reject(new Error('EROFS'));
      submitted.push(event);
      return Promise.resolve();
    },
    connected: () => state.connected,
    claimCode: () => state.claimCode,
    waiting: () => state.waiting,
    parentsUrl: 'https://khien.example/',
    port: PORT,
  });
  await portal.start();
});

afterEach(async () => {
  await portal.stop();
});

describe('the page', () => {
  test("is the child's own, and is kept nowhere", async () => {
    const { status, headers, body } = await send('/');
    expect(status).toBe(200);
    expect(body).toContain('Chào An!');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-language': 'vi' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('finds all that it loads', async () => {
    const { body } = await send('/');
    const paths = [...body.matchAll(/(?:src|href)="(\/[^"?#]+\.\w+)"/g)].map(([, path = '']) => path);
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const asset = await send(path);
      expect(asset.status).toBe(200);
      expect(asset.body.length).toBeGreaterThan(100);
    }
    const style = await send(paths.find((path) => path.endsWith('.css')) ?? '');
    expect(style.headers).toMatchObject({ 'content-type': 'text/css; charset=utf-8' });
    expect(style.headers['cache-control']).toContain('immutable');
  });

  test('speaks the language that is chosen, else that of the device, else that of the household', async () => {
    expect((await send('/')).body).toContain('lang="vi"');
    expect((await send('/', { headers: { 'accept-language': 'en-GB' } })).body).toContain('Hi An!');
    const chosen = await send('/?lang=en');
    expect(chosen).toMatchObject({ status: 303, headers: { location: '/' } });
    const cookie = chosen.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toContain('HttpOnly');
    const headers = { cookie: cookie.split(';')[0] ?? '', 'accept-language': 'vi' };
    expect((await send('/', { headers })).body).toContain('Hi An!');
    expect((await send('/?lang=xx')).status).toBe(200);
  });

  test('tells a device of nobody how it is claimed, and a child never', async () => {
    state.claimCode = '7GQ2-M0XK';
    expect((await send('/')).body).not.toContain('7GQ2-M0XK');
    devices.learn('127.0.0.1', GUEST_MAC);
    const guest = (await send('/')).body;
    expect(guest).toContain('7GQ2-M0XK');
    expect(guest).not.toContain('<form');
    expect(guest).toContain('tel:111');
    expect(guest).toContain('href="https://khien.example/claim?code=7GQ2-M0XK"');
    state.claimCode = null;
    state.waiting = true;
    expect((await send('/')).body).toContain('href="https://khien.example/claim"');
    state.waiting = false;
    expect((await send('/')).body).toContain(GUEST_MAC);
  });

  test('answers over IPv6 and to HEAD', async () => {
    devices.learn('::1', AN.mac);
    expect((await send('/', { to: '::1' })).body).toContain('Chào An!');
    expect(await send('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test.each([
    ['/nothing', 'GET', 404],
    ['/../etc/passwd', 'GET', 404],
    ['//evil.example/', 'GET', 404],
    ['//', 'GET', 404],
    ['http://evil.example/', 'GET', 404],
    ['*', 'OPTIONS', 404],
    ['/', 'PUT', 405],
    ['/request', 'DELETE', 404],
  ])('%s by %s is %s, in words', async (path, method, status) => {
    const reply = await send(path, { method });
    expect(reply.status).toBe(status);
    expect(reply.body).toContain('tel:111');
  });
});

describe('under another name', () => {
  test('the page is not shown, but where it is', async () => {
    const managed = await send('/x?y', { headers: { host: 'evil.example' } });
    expect(managed).toMatchObject({
      status: 302,
      body: '',
      headers: { location: 'http://khien.home.arpa/' },
    });
    for (const to of ['127.0.0.1', '::1']) {
      devices.learn(to, GUEST_MAC);
      const guest = await send('/', { headers: { host: 'openwrt.lan' }, to });
      expect(guest.headers.location).toBe('http://172.31.53.80/');
    }
  });

  test.each([
    ['http://connectivitycheck.gstatic.com', '/generate_204'],
    ['http://captive.apple.com', '/hotspot-detect.html'],
    ['http://www.msftconnecttest.com', '/connecttest.txt'],
    ['http://detectportal.firefox.com', '/canonical.html'],
    ['http://connectivity-check.ubuntu.com', '/'],
  ])('a system that looks whether the network is open is led to the page: %s%s', async (site, path) => {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await send(path, { method, headers: { host: new URL(site).host } });
      expect([status, headers.location, body]).toEqual([302, 'http://khien.home.arpa/', '']);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', connection: 'close' });
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'what %s would do is not taken for done',
    async (method) => {
      const { status, headers, body } = await send('/api', { method, headers: { host: 'app.example' } });
      expect(status).toBe(511);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', connection: 'close' });
      expect(body).toContain('href="http://khien.home.arpa/"');
    },
  );

  test('no form is taken', async () => {
    const headers = { host: 'evil.example', origin: 'http://evil.example' };
    expect((await post(time, headers)).status).toBe(511);
    expect(submitted).toEqual([]);
  });

  test.each(['"><script>alert(1)</script>', 'a b', '[::', 'khien.home.arpa.evil.example', 'x'.repeat(4000)])(
    'a hostile Host is not repeated: %j',
    async (host) => {
      const { status, headers, body } = await send('/"><x', { headers: { host } });
      expect([status, headers.location, body]).toEqual([302, 'http://khien.home.arpa/', '']);
    },
  );

  test('headers beyond all measure are refused', async () => {
    const reply = await send('/', { headers: { host: 'captive.apple.com', 'x-filler': 'x'.repeat(20_000) } });
    expect(reply.status).toBe(431);
  });

  test("an address of the router is the page's own", async () => {
    expect((await send('/', { headers: { host: `127.0.0.1:${PORT}` } })).status).toBe(200);
    expect((await send('/', { headers: { host: '[::1]' } })).status).toBe(200);
  });
});

describe('the captive portal API', () => {
  const ask = async (): Promise<unknown> => JSON.parse((await send('/captive-portal/api')).body);
  const url = { 'user-portal-url': 'http://khien.home.arpa/' };

  test('has its own media type, and is kept nowhere', async () => {
    const { status, headers } = await send('/captive-portal/api');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/captive+json');
    expect(headers['cache-control']).toBe('private, no-store');
  });

  test('says that a device is captive, and that more time can be asked for', async () => {
    expect(await ask()).toEqual({ captive: true, ...url, 'can-extend-session': true });
  });

  test('says until when access lasts', async () => {
    state.child = {
      pause: { since: 0, until: null },
      grant: { since: 0, until: clock.now() + 90_500 },
    };
    expect(await ask()).toEqual({
      captive: false,
      ...url,
      'seconds-remaining': 91,
      'can-extend-session': true,
    });
    state.child = { grant: { since: 0, until: clock.now() + 90_500 } };
    expect(await ask()).toEqual({ captive: false, ...url, 'can-extend-session': false });
  });

  test('knows a device in quarantine', async () => {
    devices.learn('127.0.0.1', GUEST_MAC);
    const page = { 'user-portal-url': 'http://172.31.53.80/' };
    expect(await ask()).toEqual({ captive: false, ...page });
    state.policy = { newDevices: 'quarantine' };
    expect(await ask()).toEqual({ captive: true, ...page });
    expect((await send('/')).body).toContain('Thiết bị mới');
    state.policy = { newDevices: 'quarantine', known: [GUEST_MAC] };
    expect(await ask()).toEqual({ captive: false, ...page });
  });

  test('is not where systems look, and answers no other way', async () => {
    expect((await send('/captive-portal/api', { headers: { host: 'captive.apple.com' } })).status).toBe(302);
    expect((await send('/captive-portal/api', { method: 'POST' })).status).toBe(404);
    expect((await send('/generate_204')).status).toBe(404);
  });
});

describe('a request', () => {
  test('is stored, then confirmed, then shown as waiting', async () => {
    const sent = await post(time);
    expect(sent).toMatchObject({ status: 303, headers: { location: '/?sent=time' } });
    expect(submitted).toMatchObject([{ ask: 'time', minutes: 30, text: 'bài tập', device: AN.device }]);
    const after = await send('/?sent=time');
    expect(after.body).toContain('Đã gửi cho bố mẹ.');
    expect(after.body).toContain('Đang chờ bố mẹ trả lời');
    expect(after.body).not.toContain('bài tập');
  });

  test('is confirmed only where there was one', async () => {
    expect((await send('/?sent=help')).body).not.toContain('Đã gửi');
    await post(time);
    expect((await send('/?sent=help')).body).not.toContain('ngay trên điện thoại.</span>');
    expect((await send('/?sent=evil')).body).not.toContain('role="status"');
  });

  test('is said to be saved while there is no cloud', async () => {
    state.connected = false;
    await post({ ask: 'help', text: 'em sợ' });
    expect((await send('/?sent=help')).body).toContain('sẽ gửi khi có Internet');
  });

  test('shows its answer when the policy brings it', async () => {
    await post(time);
    const request = submitted[0]?.request ?? '';
    answers.push({
      request,
      profile: AN.profile,
      granted: true,
      minutes: 15,
      reply: 'Ừ nhé',
      at: clock.now(),
    });
    const { body } = await send('/');
    expect(body).toContain('Được thêm 15 phút');
    expect(body).toContain('Ừ nhé');
    expect((await post(time)).status).toBe(303);
  });

  test.each<[string, Record<string, string>, number, string]>([
    ['without minutes', { ask: 'time' }, 422, 'Chưa gửi được'],
    ['too long', { ask: 'help', text: 'x'.repeat(401) }, 422, 'dài quá'],
    ['larger than a body may be', { ask: 'help', text: 'x'.repeat(5000) }, 413, 'lớn quá'],
  ])('%s is refused in words', async (_what, fields, status, words) => {
    const reply = await post(fields);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(words);
    expect(submitted).toEqual([]);
  });

  test('for time twice is refused in words; for help never', async () => {
    await post(time);
    const again = await post(time);
    expect(again.status).toBe(409);
    expect(again.body).toContain('Em đã xin rồi');
    expect((await post({ ask: 'help', text: '' })).headers.location).toBe('/?sent=help');
    expect((await post({ ask: 'help', text: '' })).headers.location).toBe('/?sent=merged');
    expect(submitted).toHaveLength(2);
  });

  test('that could not be stored keeps its text and names 111', async () => {
    state.broken = true;
    const reply = await post({ ask: 'help', text: 'em sợ' });
    expect(reply.status).toBe(503);
    expect(reply.body).toContain('em sợ</textarea>');
    expect(reply.body).toContain('hãy gọi 111');
    expect(errors).toHaveLength(1);
  });

  test.each([{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])(
    'from another site is not taken: %o',
    async (headers) => {
      expect((await post(time, headers)).status).toBe(403);
      expect(submitted).toEqual([]);
    },
  );

  test('of a device of nobody is not taken', async () => {
    state.managed = false;
    expect((await post(time)).status).toBe(403);
    expect(submitted).toEqual([]);
  });

  test('without a length is bounded too', async () => {
    const reply = await new Promise<number>((resolve, reject) => {
      const headers = { host: HOST, origin: `http://${HOST}`, 'transfer-encoding': 'chunked' };
      const sending = request({ ...AT, path: '/request', method: 'POST', headers });
      sending.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sending.on('error', reject);
      for (let n = 0; n < 20; n += 1) sending.write('x'.repeat(1000));
      sending.end();
    });
    expect(reply).toBe(413);
  });
});

describe('connections', () => {
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  function dial(host = '127.0.0.1'): Socket {
    const socket = connect(PORT, host);
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  }

  test('are bounded for each device', async () => {
    const all = Array.from({ length: 20 }, () => dial());
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(all.filter((socket) => socket.closed)).toHaveLength(8);
    for (const socket of all) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await send('/')).status).toBe(200);
  });

  test('are refused to an address that is not of the LAN', async () => {
    const socket = dial('127.0.0.2');
    await once(socket, 'close');
    expect(socket.bytesRead).toBe(0);
  });

  test('end when headers trickle in', { timeout: 15_000 }, async () => {
    const socket = dial();
    socket.write(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n`);
    const drip = setInterval(() => socket.write('X-A: b\r\n'), 500);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(drip);
  });

  test('a child that goes away in the middle is no error', async () => {
    const socket = dial();
    socket.write(
      `POST /request HTTP/1.1\r\nHost: ${HOST}\r\nOrigin: http://${HOST}\r\nContent-Length: 100\r\n\r\nask=`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(errors).toEqual([]);
    expect((await send('/')).status).toBe(200);
  });
});

test('stops twice, and starts again', async () => {
  await portal.stop();
  await portal.stop();
  await portal.start();
  expect((await send('/')).status).toBe(200);
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCloud } from '../cloud.fixture.ts';

let cloud: TestCloud;
let port: number;
beforeAll(async () => {
  cloud = await TestCloud.start();
  port = Number(new URL(await cloud.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => cloud.stop());

async function answerTo(sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(sent);
  return text(socket);
}

const HEAD = 'Host: khien.test\r\nConnection: close\r\n\r\n';

test.each([
  ['is no HTTP', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n'],
  ['has no known method', `FOO / HTTP/1.1\r\n${HEAD}`],
  ['has too long a head', `GET / HTTP/1.1\r\nX: ${'a'.repeat(30_000)}\r\n${HEAD}`],
  ['has two lengths', `POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n${HEAD}`],
  ['has an address that is none', `GET /%zz HTTP/1.1\r\n${HEAD}`],
  ['has too long an id in its address', `GET /api/v1/households/${'a'.repeat(300)} HTTP/1.1\r\n${HEAD}`],
])('what %s is answered with a problem, and with the headers of any other', async (_what, sent) => {
  const answer = await answerTo(sent);
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toMatch(/^content-type: application\/problem\+json; charset=utf-8\r$/im);
  expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im);
  expect(answer).toMatch(/^content-security-policy: default-src 'none'; frame-ancestors 'none'\r$/im);
  expect(answer).toMatch(/^cache-control: no-store\r$/im);
  expect(answer).toMatch(/\r\n\r\n.*"code":"BAD_REQUEST"/s);
});

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { CERTIFICATE, PRIVATE_KEY } from './fixture/certificate.ts';
import { reach } from './reach.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0));
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const tlsServer = () => listen(createTlsServer({ cert: CERTIFICATE, key: PRIVATE_KEY }));

it('reaches what listens, and hangs up', async () => {
  const server = createServer();
  const closed = once(server, 'connection').then(([socket]) => once(socket.resume(), 'close'));
  await reach({ host: '127.0.0.1', port: await listen(server), tls: undefined });
  await closed;
});

it('reaches TLS with the authority that is trusted', async () => {
  await reach({ host: 'localhost', port: await tlsServer(), tls: { ca: CERTIFICATE } });
});

it('does not trust another authority, nor another name', async () => {
  const port = await tlsServer();
  await expect(reach({ host: 'localhost', port, tls: { ca: undefined } })).rejects.toMatchObject({
    code: expect.stringMatching(/SELF_SIGNED/),
  });
  await expect(reach({ host: '127.0.0.1', port, tls: { ca: CERTIFICATE } })).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

it('does not reach what is not there, nor what does not speak TLS', async () => {
  const server = createServer((socket) => socket.end('220 smtp\r\n'));
  const port = await listen(server);
  await expect(reach({ host: 'localhost', port, tls: { ca: CERTIFICATE } })).rejects.toMatchObject({
    code: expect.stringMatching(/SSL|EPROTO/),
  });
  server.close();
  await expect(reach({ host: '127.0.0.1', port, tls: undefined })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { listListeners, parseSockets } from './listeners.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';

it('reads waiting sockets only, of both address families', () => {
  const udp = `${HEAD}
  412: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1234 2 0000000000000000 0
  413: 0132A8C0:154D 0232A8C0:C001 01 00000000:00000000 00:00000000 00000000     0        0 1235 2 0000000000000000 0
  414: 00000000000000000000000001000000:154D 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1236 2 0 0
`;
  expect(parseSockets(udp, 'udp')).toEqual([
    { port: 53, inode: 1234 },
    { port: 5453, inode: 1236 },
  ]);
  expect(parseSockets(udp, 'tcp')).toEqual([]);
});

it.each(['', HEAD, '1: x 2', `${HEAD}\n 1: 0100007F:0035 00000000:0000 0A`, '\u0000'.repeat(1000)])(
  'passes over what is no table: %j',
  (text) => {
    expect(parseSockets(text, 'tcp')).toEqual([]);
  },
);

it('finds who listens on a port of this machine', async () => {
  const server = createServer().listen(0);
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(socket, 'listening')]);
  const tcp = server.address();
  const tcpPort = tcp !== null && typeof tcp === 'object' ? tcp.port : 0;
  const udpPort = socket.address().port;
  const found = listListeners([tcpPort, udpPort]);
  expect(found).toContainEqual({
    protocol: 'tcp',
    port: tcpPort,
    owner: { pid: process.pid, name: expect.stringMatching(/./) },
  });
  expect(found).toContainEqual({
    protocol: 'udp',
    port: udpPort,
    owner: { pid: process.pid, name: expect.stringMatching(/./) },
  });
  server.close();
  socket.close();
  await once(server, 'close');
  expect(listListeners([tcpPort])).toEqual([]);
});

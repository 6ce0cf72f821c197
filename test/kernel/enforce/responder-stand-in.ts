import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { DNS_PORT, DNS_TCP_PORT, PORTAL_PORT } from '../../../daemon/src/layout.ts';

const NXDOMAIN = 3;

/**
 * Answers where the responder and the portal do: every name does not exist, every page is the child's. On each of the
 * router's addresses, since an answer must come from where the question went.
 */
export async function standInForResponder(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (query, from) => socket.send(refused(query), from.port, from.address));
    socket.bind(DNS_PORT, address);
    await once(socket, 'listening');
  }
  const streams = createServer((client) => {
    client.on('error', () => client.destroy());
    client.once('data', (data) => {
      const answer = refused(data.subarray(2));
      client.end(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 0xff]), answer]));
    });
  });
  const portal = createHttpServer((_, response) => response.end('the child’s page'));
  await Promise.all([
    once(streams.listen(DNS_TCP_PORT, '::'), 'listening'),
    once(portal.listen(PORTAL_PORT, '::'), 'listening'),
  ]);
}

/** The question as a response that says NXDOMAIN, without what follows the question. */
function refused(query: Buffer): Buffer {
  let end = 12;
  while ((query[end] ?? 0) !== 0) end += (query[end] ?? 0) + 1;
  const answer = Buffer.from(query.subarray(0, end + 5));
  answer.writeUInt16BE(0x8180 | NXDOMAIN, 2);
  answer.writeUInt16BE(1, 4);
  answer.fill(0, 6, 12);
  return answer;
}

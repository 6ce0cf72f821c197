// The programs of the virtual Internet, one process in the namespace `internet`:
// node servers.ts CERTIFICATE KEY UDP_ADDRESS…
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { answer } from './web-site.ts';

/** echo, QUIC, IKE and its NAT traversal (Wi-Fi calling), STUN, DNS over QUIC. */
const udpPorts = [7, 443, 500, 853, 3478, 4500];

const [certificate = '', key = '', ...udpAddresses] = process.argv.slice(2);
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
const listener: RequestListener = (request, response) => {
  answer(request, response).catch(() => response.destroy());
};

await Promise.all([
  listen(createHttpServer(listener), 80),
  listen(createHttpsServer(tls, listener), 443),
  // DNS over TLS: that it can be reached is all a test asks of it.
  listen(
    createTlsServer(tls, (socket) => socket.on('error', () => socket.destroy())),
    853,
  ),
  ...udpAddresses.flatMap((address) => udpPorts.map((port) => echo(address, port))),
]);
console.log('ready');

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '::');
  await once(server, 'listening');
}

/** A socket for each address, because a wildcard one would answer from an address of the kernel's choice. */
async function echo(address: string, port: number): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => {
    // A failed send is a lost datagram, which UDP allows.
    socket.send(message, from.port, from.address, () => undefined);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
}

// A client whose traffic is measured: node traffic-client.ts download URL | call ADDRESS PORT
// Prints a line `MILLISECONDS BYTES` every 50 ms, and `ended REASON` when the transfer ends.
import { createSocket } from 'node:dgram';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { isIPv6 } from 'node:net';

const [mode, target = '', port = '7'] = process.argv.slice(2);
let bytes = 0;

setInterval(() => console.log(`${Date.now()} ${bytes}`), 50);
if (mode === 'download') download(target);
else call(target, Number(port));

function download(url: string): void {
  const request = url.startsWith('https:') ? getHttps(url, { rejectUnauthorized: false }) : getHttp(url);
  request.on('response', (response) => {
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    response.on('end', () => end(`status ${response.statusCode}`));
    response.on('error', (error) => end(error.message));
  });
  request.on('error', (error) => end(error.message));
}

/** Like a call: 50 datagrams a second, each echoed. */
function call(address: string, to: number): void {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('message', (message) => {
    bytes += message.length;
  });
  // A refused datagram does not end a call.
  socket.on('error', () => undefined);
  const voice = Buffer.alloc(160);
  setInterval(() => socket.send(voice, to, address, () => undefined), 20);
}

function end(reason: string): void {
  console.log(`${Date.now()} ${bytes}\nended ${reason}`);
  process.exit(0);
}

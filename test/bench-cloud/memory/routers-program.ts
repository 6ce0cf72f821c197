import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { topics } from '@khien/shared/topic';
import { generate } from 'mqtt-packet';

/*
 * Many routers in one process, each no more than a socket: `routers-program.ts tls|plain FILE FROM TO PORT AUTHORITY`. Each
 * connects, subscribes and says hello as the daemon does, and then is quiet but for its pings.
 */

const [kind, file = '', from = '0', to = '0', port = '0', authority = ''] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(Number(from), Number(to));
/** Handshakes at once: the other process has the same two cores. */
const AT_ONCE = 20;
const KEEPALIVE = 300;

function open(router: { id: string; key: string; cert: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const start = (socket: Duplex): void => {
      socket.write(
        generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId: router.id,
          keepalive: KEEPALIVE,
        }),
      );
      let seen = 0;
      socket.on('data', (bytes: Buffer) => {
        seen += bytes.length;
        // CONNACK, SUBACK and PUBACK are 4, 5 and 4 bytes.
        if (seen === 4) {
          const topic = topics.document(router.id);
          socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] }));
          const hello = {
            daemon: '0.1.0',
            have: { policy: 1, contacts: 1, lists: 1 },
            at: 0,
            timeSource: 'ntp',
          };
          const said = { topic: topics.hello(router.id), payload: JSON.stringify(hello) };
          socket.write(
            generate({ cmd: 'publish', messageId: 2, qos: 1, dup: false, retain: false, ...said }),
          );
        }
        if (seen >= 13) resolve();
      });
      setInterval(() => socket.write(generate({ cmd: 'pingreq' })), (KEEPALIVE * 1000) / 2);
    };
    if (kind === 'tls') {
      const options = { host: '127.0.0.1', port: Number(port), key: router.key, cert: router.cert };
      const socket = connectTls({ ...options, ca: authority, servername: 'localhost' }, () => start(socket));
      socket.on('error', reject);
    } else {
      const socket = connectPlain(Number(port), '127.0.0.1', () => socket.write(router.id));
      socket.once('data', () => start(socket));
      socket.on('error', reject);
    }
  });
}

for (let at = 0; at < lines.length; at += AT_ONCE) {
  await Promise.all(lines.slice(at, at + AT_ONCE).map((line) => open(JSON.parse(line))));
}
process.send?.('connected');

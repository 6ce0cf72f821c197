import { createSocket } from 'node:dgram';
import { encode } from 'dns-packet';

/** Asks `server` as fast as told, each time from another invented IPv6 address, until it is stopped. */

const [, , server = '', perSecond = ''] = process.argv;
const EVERY = 20;
const message = encode({
  type: 'query',
  id: 1,
  flags: 0x0100,
  questions: [{ type: 'A', name: 'hocmai.vn' }],
});
const invent = () => {
  const group = () => Math.floor(Math.random() * 0x10000).toString(16);
  return `2001:db8:50:0:dead:${group()}:${group()}:${group()}`;
};

setInterval(() => {
  for (let count = 0; count < (Number(perSecond) * EVERY) / 1000; count++) {
    const socket = createSocket('udp6');
    socket.on('error', () => socket.close());
    socket.bind({ address: invent() }, () => socket.send(message, 53, server, () => socket.close()));
  }
}, EVERY);

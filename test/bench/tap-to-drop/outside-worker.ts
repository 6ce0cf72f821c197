// Runs on the Internet: takes the tablet's packets and remembers which numbers came.
import { createSocket } from 'node:dgram';
import { z } from 'zod';
import { answerQuestions } from '../../system/worker.ts';

const arrived: number[] = [];
const socket = createSocket('udp4');
socket.on('message', (packet) => {
  if (packet.length !== 4) return;
  arrived.push(packet.readUInt32BE());
});

function listen(argument: unknown): Promise<void> {
  const port = z.int().parse(argument);
  return new Promise((resolve) => socket.bind(port, () => resolve()));
}

answerQuestions({
  listen,
  /** How many packets came. */
  count: () => arrived.length,
  arrived: () => arrived,
});

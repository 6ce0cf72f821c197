// Runs on the tablet: a small numbered packet every millisecond, and when each was sent.
import { createSocket } from 'node:dgram';
import { z } from 'zod';
import { answerQuestions, monotonic } from '../../system/worker.ts';

const targetSchema = z.object({ address: z.string(), port: z.int() });

const sentAt: number[] = [];
const socket = createSocket('udp4');
// What a router refuses by ICMP is a packet that did not arrive.
socket.on('error', () => undefined);
let timer: NodeJS.Timeout | undefined;

function start(argument: unknown): Promise<void> {
  const { address, port } = targetSchema.parse(argument);
  const packet = Buffer.alloc(4);
  return new Promise((resolve) => {
    socket.connect(port, address, () => {
      timer = setInterval(() => {
        packet.writeUInt32BE(sentAt.length);
        sentAt.push(monotonic());
        socket.send(packet);
      }, 1);
      resolve();
    });
  });
}

/** Ends the flow; resolves with the time each packet was sent at, by its number. */
function stop(): number[] {
  clearInterval(timer);
  return sentAt;
}

answerQuestions({
  start,
  /** How many packets were sent. */
  count: () => sentAt.length,
  stop,
});

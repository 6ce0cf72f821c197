// Runs on a device of a virtual home: asks the queries of a file, one a line as JSON { server, message }, a window of them
// at once from a few sockets, and prints each answer as a line of JSON { index, from, port, answer }; null for none.
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { z } from 'zod';

const WINDOW = 64;
/** Sockets of each IP version: blocked and free names come from the same ones. */
const SOCKETS = 4;
/** Milliseconds; a query is repeated once, as a client would. */
const PATIENCE = 2500;

const querySchema = z.object({ server: z.string(), message: z.string() });
const [file = ''] = process.argv.slice(2);
const queries = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => querySchema.parse(JSON.parse(line)));

type Answered = (answer: { from: string; port: number; answer: string }) => void;
const waiting = new Map<number, Answered>();
const sockets = { udp4: open('udp4'), udp6: open('udp6') };
let next = 0;
await Promise.all(Array.from({ length: WINDOW }, work));
process.exit(0);

function open(type: 'udp4' | 'udp6'): Socket[] {
  return Array.from({ length: SOCKETS }, () => {
    const socket = createSocket(type);
    socket.on('message', (message, { address, port }) => {
      if (message.length < 2) return;
      waiting.get(message.readUInt16BE(0))?.({ from: address, port, answer: message.toString('hex') });
    });
    socket.on('error', () => undefined);
    return socket;
  });
}

async function work(): Promise<void> {
  while (next < queries.length) {
    const index = next++;
    const query = queries[index];
    if (query === undefined) return;
    const message = Buffer.from(query.message, 'hex');
    const answer = (await ask(index, query.server, message)) ?? (await ask(index, query.server, message));
    console.log(JSON.stringify({ index, ...(answer ?? { from: null, port: null, answer: null }) }));
  }
}

/** The message's id is overwritten with the query's number. */
function ask(index: number, server: string, message: Buffer): Promise<Parameters<Answered>[0] | null> {
  const id = index & 0xffff;
  message.writeUInt16BE(id, 0);
  const of = sockets[isIPv4(server) ? 'udp4' : 'udp6'];
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(null), PATIENCE);
    const done = (answer: Parameters<Answered>[0] | null) => {
      clearTimeout(timer);
      waiting.delete(id);
      resolve(answer);
    };
    waiting.set(id, done);
    of[index % SOCKETS]?.send(message, 53, server);
  });
}

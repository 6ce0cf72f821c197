// Asks a resolver for names in turn, every five milliseconds, from one socket: node asking-program.ts SERVER NAME...
// When told to end it waits for what is under way, and prints as JSON how often each name was answered how:
// `blocked` (0.0.0.0), `address` (another), an RCODE, `unanswered`.
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { wireOf } from '../../../daemon/src/lists/name-key.ts';

const INTERVAL = 5;
const LONGEST_ANSWER = 3000;
const NOERROR = 0;
const HEADER = 12;
// Type and class; a record's pointer to the name, type, class, time to live, length.
const QUESTION_TAIL = 4;
const RECORD_HEAD = 12;

const [server = '', ...names] = process.argv.slice(2);
const socket = createSocket('udp4');
/** Names by the id of the query under way. */
const asked = new Map<number, string>();
const outcomes: Record<string, Record<string, number>> = Object.fromEntries(names.map((name) => [name, {}]));
let id = 0;

const count = (name: string, outcome: string) => {
  const counted = outcomes[name];
  if (counted !== undefined) counted[outcome] = (counted[outcome] ?? 0) + 1;
};

socket.on('message', (message) => {
  const name = asked.get(message.readUInt16BE(0));
  asked.delete(message.readUInt16BE(0));
  if (name !== undefined) count(name, outcomeOf(message, name));
});

function outcomeOf(message: Buffer, name: string): string {
  const code = (message[3] ?? 0) & 0x0f;
  if (code !== NOERROR || message.readUInt16BE(6) === 0) return `rcode ${code}`;
  const address = HEADER + wireOf(name).length + QUESTION_TAIL + RECORD_HEAD;
  return message.readUInt32BE(address) === 0 ? 'blocked' : 'address';
}

const timer = setInterval(() => {
  const name = names[id % names.length] ?? '';
  id = (id + 1) & 0xffff;
  asked.set(id, name);
  const header = Buffer.from([id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  socket.send(Buffer.concat([header, wireOf(name), Buffer.from([0, 1, 0, 1])]), 53, server);
}, INTERVAL);

process.once('SIGTERM', () => {
  clearInterval(timer);
  const ended = Date.now() + LONGEST_ANSWER;
  void (async () => {
    while (asked.size > 0 && Date.now() < ended) await delay(20);
    for (const name of asked.values()) count(name, 'unanswered');
    process.stdout.write(`${JSON.stringify(outcomes)}\n`);
    socket.close();
    process.exit(0);
  })();
});
process.stdout.write('asking\n');

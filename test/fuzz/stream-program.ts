// Runs on a device of a virtual home: opens a TCP connection for each line of a file, JSON { server, segments }, writes its
// segments one after another, and prints what came back as a line of JSON { index, answers }.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';

const AT_ONCE = 8;
/** Milliseconds without a byte after which a connection is done with. */
const QUIET = 3000;

const streamSchema = z.object({ server: z.string(), segments: z.array(z.string()) });
const [file = ''] = process.argv.slice(2);
const streams = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => streamSchema.parse(JSON.parse(line)));

let next = 0;
await Promise.all(Array.from({ length: AT_ONCE }, work));

async function work(): Promise<void> {
  while (next < streams.length) {
    const index = next++;
    const stream = streams[index];
    if (stream !== undefined) console.log(JSON.stringify({ index, answers: framesIn(await talk(stream)) }));
  }
}

async function talk({ server, segments }: z.infer<typeof streamSchema>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const socket = connect({ host: server, port: 53, noDelay: true });
  socket.on('data', (chunk) => chunks.push(chunk));
  // A connection that is reset has ended.
  socket.on('error', () => undefined);
  socket.setTimeout(QUIET, () => socket.destroy());
  const closed = once(socket, 'close');
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  await write(socket, segments);
  socket.end();
  await closed;
  return Buffer.concat(chunks);
}

async function write(socket: Socket, segments: readonly string[]): Promise<void> {
  for (const segment of segments) {
    if (!socket.writable) return;
    socket.write(Buffer.from(segment, 'hex'));
    await turn();
  }
}

/** The messages of a stream (RFC 1035 §4.2.2), as far as they are whole. */
function framesIn(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) break;
    messages.push(bytes.toString('hex', at + 2, end));
    at = end;
  }
  return messages;
}

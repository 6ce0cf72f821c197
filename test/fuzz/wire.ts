import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Host } from '../home/index.ts';

/** What came to a port of a host. */
export interface Arrival {
  readonly port: number;
  readonly sourcePort: number;
  /** 16 bytes; IPv4 as ::ffff:0:0/96. */
  readonly source: Buffer;
  readonly payload: Buffer;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** wire.c, compiled, to be run on hosts of the virtual home; what it starts ends with `stop`. */
export class Wire {
  readonly #program: string;
  readonly #children: Child[] = [];

  /** @param folder where the program is put */
  constructor(folder: string) {
    this.#program = join(folder, 'wire');
    const source = fileURLToPath(new URL('wire.c', import.meta.url));
    execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', this.#program, source], { stdio: ['ignore', 2, 2] });
  }

  sender(host: Host, networkInterface: string): FrameSender {
    return new FrameSender(this.#start(host, ['send', networkInterface]));
  }

  /** Tells of each UDP packet that comes to these ports of a host. Resolves when none is missed any more. */
  async record(host: Host, ports: readonly number[], arrived: (arrival: Arrival) => void): Promise<void> {
    const child = this.#start(host, ['record', ...ports.map(String)]);
    await eachRecord(child, (record) =>
      arrived({
        port: record.readUInt16BE(0),
        sourcePort: record.readUInt16BE(2),
        source: record.subarray(4, 20),
        payload: record.subarray(20),
      }),
    );
  }

  /** Tells of each IP frame, ICMP aside, that comes in by an interface of a host. Resolves as `record` does. */
  async watch(host: Host, networkInterface: string, seen: (frame: Buffer) => void): Promise<void> {
    await eachRecord(this.#start(host, ['watch', networkInterface]), seen);
  }

  /** Lets a host join packets of one flow that come in by an interface (GRO by fragment list, OpenWrt's default). */
  async join(host: Host, networkInterface: string): Promise<void> {
    await host.check(this.#program, ['gro', networkInterface]);
    // Where the sender's own system call brings packets in, one by one, there is never one to join another with.
    await host.check('sh', ['-c', `echo 1 >/sys/class/net/${networkInterface}/threaded`]);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map(async (child) => {
        const gone = once(child, 'exit');
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await gone;
        }
      }),
    );
  }

  #start(host: Host, args: readonly string[]): Child {
    const child = spawn('ip', ['netns', 'exec', host.namespace, this.#program, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    return child;
  }
}

/** Sends frames as they are. */
export class FrameSender {
  readonly #child: Child;

  constructor(child: Child) {
    this.#child = child;
  }

  /** Resolves when the kernel has taken them all. */
  async send(frames: readonly Buffer[]): Promise<void> {
    const pieces: Buffer[] = [];
    for (const frame of frames) pieces.push(lengthOf(frame), frame);
    const taken = once(this.#child.stdout, 'data');
    this.#child.stdin.write(Buffer.concat([...pieces, lengthOf(Buffer.alloc(0))]));
    await taken;
  }
}

function lengthOf(frame: Buffer): Buffer {
  return Buffer.of(frame.length >> 8, frame.length & 0xff);
}

/** Cuts a program's output into records; resolves with the first empty one, which says that it is ready. */
function eachRecord(child: Child, take: (record: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let rest: Buffer = Buffer.alloc(0);
    child.once('exit', () => reject(new Error('the recorder ended')));
    child.stdout.on('data', (data: Buffer) => {
      const bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
      let at = 0;
      while (at + 2 <= bytes.length) {
        const end = at + 2 + bytes.readUInt16BE(at);
        if (end > bytes.length) break;
        if (end === at + 2) resolve();
        else take(bytes.subarray(at + 2, end));
        at = end;
      }
      rest = bytes.subarray(at);
    });
  });
}

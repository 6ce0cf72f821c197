import { createInterface } from 'node:readline';
import type { Host } from './host.ts';
import { program } from './program.ts';
import type { RunningProcess } from './running-process.ts';

/** A download or call under way on a host, as its program sees it. */
export class Transfer {
  readonly #process: RunningProcess;
  readonly #samples: { at: number; bytes: number }[] = [];
  #ended: string | null = null;

  constructor(process: RunningProcess) {
    this.#process = process;
    if (process.stdout === null) return;
    createInterface({ input: process.stdout }).on('line', (line) => {
      if (line.startsWith('ended ')) {
        this.#ended = line.slice('ended '.length);
        return;
      }
      const [at, bytes] = line.split(' ').map(Number);
      if (at !== undefined && bytes !== undefined) this.#samples.push({ at, bytes });
    });
  }

  /** Bytes received so far. */
  get bytes(): number {
    return this.#samples.at(-1)?.bytes ?? 0;
  }

  /** Why it ended by itself, or null while it runs. */
  get ended(): string | null {
    return this.#ended;
  }

  /** Bytes a second in the last so many milliseconds. */
  rate(milliseconds: number): number {
    const since = Date.now() - milliseconds;
    const before = this.#samples.findLast(({ at }) => at <= since);
    return ((this.bytes - (before?.bytes ?? 0)) * 1000) / milliseconds;
  }

  /** Whether anything arrived in the last so many milliseconds. */
  flows(milliseconds = 300): boolean {
    return this.rate(milliseconds) > 0;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** Starts a download on a host. Certificates are not checked. */
export function download(host: Host, url: string): Transfer {
  return start(host, 'download', url);
}

/** Starts what looks like a call: datagrams of 160 bytes, 50 a second, to a UDP echo server. */
export function call(host: Host, address: string, port: number): Transfer {
  return start(host, 'call', address, String(port));
}

function start(host: Host, mode: string, ...args: readonly string[]): Transfer {
  const client = program(host.premises.folder, 'traffic-client.ts');
  return new Transfer(
    host.spawn(process.execPath, [client, mode, ...args], { name: mode, pipeStdout: true }),
  );
}

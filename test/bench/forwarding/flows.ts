import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Host, RunningProcess } from '../../home/index.ts';
import { cpuTime } from '../proc.ts';

const movedSchema = z.object({ count: z.int(), wall: z.number(), cpu: z.number(), lost: z.int() });

/** What went through, and what it took. */
export interface Moved {
  /** A second. */
  readonly rate: number;
  /** Nanoseconds of processor time, of both ends and of the softirqs that ran in them, for each. */
  readonly cost: number;
}

const PORT = 5201;

/** flows.c, compiled, to be run on hosts of the virtual home, on one core, before what others do on it. */
export class Flows {
  readonly #program: string;
  readonly #core: number;

  /** @param folder where the program is put */
  constructor(folder: string, core: number) {
    this.#program = join(folder, 'flows');
    this.#core = core;
    const source = fileURLToPath(new URL('flows.c', import.meta.url));
    execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', this.#program, source], { stdio: ['ignore', 2, 2] });
  }

  async serve(host: Host, address: string): Promise<RunningProcess> {
    const server = host.spawn('nice', [...this.#command('serve', address)], { name: 'flows' });
    await server.ready('the server of flows listens', () => server.log().includes('ready'));
    return server;
  }

  /** A download and an upload at once, in bytes. */
  tcp(host: Host, server: RunningProcess, address: string, seconds: number): Promise<Moved> {
    return this.#move(host, server, this.#command('tcp', address, seconds), seconds);
  }

  /**
   * Echoes of packets with `size` bytes of IPv4; each is forwarded twice.
   *
   * @throws Error where packets were lost
   */
  udp(
    host: Host,
    server: RunningProcess,
    address: string,
    { seconds, size }: { readonly seconds: number; readonly size: number },
  ): Promise<Moved> {
    return this.#move(host, server, this.#command('udp', address, seconds, size), seconds);
  }

  #command(mode: string, address: string, ...rest: readonly number[]): string[] {
    const run = ['-n', '-20', 'taskset', '-c', String(this.#core), this.#program];
    return [...run, mode, address, String(PORT), ...rest.map(String)];
  }

  async #move(host: Host, server: RunningProcess, args: readonly string[], seconds: number): Promise<Moved> {
    const before = cpuTime(server.pid);
    const printed = await host.check('nice', args, { timeout: seconds * 1000 + 10_000 });
    const { count, wall, cpu, lost } = movedSchema.parse(JSON.parse(printed));
    if (lost > 0) throw new Error(`${lost} of ${count + lost} echoes were lost`);
    return { rate: (count * 1e9) / wall, cost: (cpu + cpuTime(server.pid) - before) / count };
  }
}

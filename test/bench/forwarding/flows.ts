import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Host, RunningProcess } from '../../home/index.ts';

const movedSchema = z.object({ count: z.int(), wall: z.number(), lost: z.int() });

const PORT = 5201;

/** flows.c, compiled, to be run on hosts of the virtual home, on one core. */
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
    const server = host.spawn('taskset', [...this.#command('serve', address)], { name: 'flows' });
    await server.ready('the server of flows listens', () => server.log().includes('ready'));
    return server;
  }

  /** Bytes a second of a download and an upload at once. */
  async tcp(host: Host, address: string, seconds: number): Promise<number> {
    const { count, wall } = await this.#run(host, this.#command('tcp', address, seconds), seconds);
    return (count * 1e9) / wall;
  }

  /**
   * Echoes a second of packets with `size` bytes of IPv4; each is forwarded twice.
   *
   * @throws Error where packets were lost
   */
  async udp(host: Host, address: string, seconds: number, size: number): Promise<number> {
    const { count, wall, lost } = await this.#run(
      host,
      this.#command('udp', address, seconds, size),
      seconds,
    );
    if (lost > 0) throw new Error(`${lost} of ${count + lost} echoes were lost`);
    return (count * 1e9) / wall;
  }

  #command(mode: string, address: string, ...rest: readonly number[]): string[] {
    return ['-c', String(this.#core), this.#program, mode, address, String(PORT), ...rest.map(String)];
  }

  async #run(host: Host, args: readonly string[], seconds: number): Promise<z.infer<typeof movedSchema>> {
    const printed = await host.check('taskset', args, { timeout: seconds * 1000 + 10_000 });
    return movedSchema.parse(JSON.parse(printed));
  }
}

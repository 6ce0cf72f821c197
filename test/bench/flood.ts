import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Host, RunningProcess } from '../home/index.ts';

const sentSchema = z.object({ sent: z.int(), warmUp: z.int(), wall: z.number(), cpu: z.number() });
const askedSchema = z.object({
  answered: z.int(),
  negative: z.int(),
  stalls: z.int(),
  wall: z.number(),
  cpu: z.number(),
  p50: z.number(),
  p99: z.number(),
});
const blockedSchema = z.object({ at: z.number() });

/** What sending cost; times in nanoseconds. See flood.c. */
export type Sent = z.infer<typeof sentSchema>;
export type Asked = z.infer<typeof askedSchema>;

/** flood.c, compiled, to be run on hosts of the virtual home. */
export class Flood {
  readonly #program: string;

  /** @param folder where the program is put */
  constructor(folder: string) {
    this.#program = join(folder, 'flood');
    const source = fileURLToPath(new URL('flood.c', import.meta.url));
    execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', this.#program, source], { stdio: ['ignore', 2, 2] });
  }

  /** Takes what comes to these UDP ports of a host and never reads it. Resolves when it does. */
  async sink(host: Host, ports: readonly number[]): Promise<RunningProcess> {
    const sink = host.spawn(this.#program, ['sink', ...ports.map(String)], { name: 'sink' });
    await sink.ready('the sink is open', () => sink.log().includes('ready'));
    return sink;
  }

  /** Sends `count` queries for the names in a file, from one core. */
  async send(host: Host, core: number, address: string, names: string, count: number): Promise<Sent> {
    return sentSchema.parse(await this.#run(host, core, ['send', address, names, String(count)]));
  }

  /** Keeps `window` queries under way for some seconds, from one core. */
  async ask(
    host: Host,
    core: number,
    address: string,
    names: string,
    { seconds, window }: { seconds: number; window: number },
  ): Promise<Asked> {
    const args = ['ask', address, names, String(seconds), String(window)];
    return askedSchema.parse(await this.#run(host, core, args));
  }

  /** Asks for the first name of a file until it is blocked; when that was, on CLOCK_MONOTONIC in nanoseconds. */
  async blocked(host: Host, address: string, names: string, seconds: number): Promise<number> {
    const args = ['blocked', address, names, String(seconds)];
    const printed = await host.check(this.#program, args, { timeout: (seconds + 5) * 1000 });
    return blockedSchema.parse(JSON.parse(printed)).at;
  }

  async #run(host: Host, core: number, args: readonly string[]): Promise<unknown> {
    const printed = await host.check('taskset', ['-c', String(core), this.#program, ...args], {
      timeout: 30_000,
    });
    return JSON.parse(printed);
  }
}

import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Household, household } from '../../../daemon/src/enforce/fixture/household.ts';
import type { RunningProcess, VirtualHome } from '../../home/index.ts';

const script = fileURLToPath(new URL('services-program.ts', import.meta.url));

const replySchema = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.string(), message: z.string() }),
]);
const usageSchema = z.array(
  z.object({
    mac: z.string(),
    service: z.nullable(z.string()),
    bytes: z.number(),
    packets: z.number(),
  }),
);
const attemptsSchema = z.array(
  z.object({ mac: z.string(), method: z.string(), service: z.optional(z.string()), ago: z.number() }),
);

/** `services-program` running on the router of a virtual home. */
export class RouterServices {
  readonly process: RunningProcess;
  readonly #socket: string;

  private constructor(process: RunningProcess, socket: string) {
    this.process = process;
    this.#socket = socket;
  }

  static async start(home: VirtualHome, { lookAhead = false } = {}): Promise<RouterServices> {
    const socket = join(mkdtempSync(join(tmpdir(), 'khien-services-')), 'socket');
    const process = home.router.node(script, [socket, lookAhead ? 'look-ahead' : ''], { name: 'services' });
    const services = new RouterServices(process, socket);
    await process.ready('the program is up', () =>
      services.#tell({ do: 'reports' }).then(
        () => true,
        () => false,
      ),
    );
    return services;
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  async apply(home: Household): Promise<void> {
    await this.#tell({ do: 'apply', ...household(home) });
  }

  async allowHelpAddresses(addresses: readonly string[]): Promise<void> {
    await this.#tell({ do: 'help', addresses });
  }

  async usage() {
    return usageSchema.parse(await this.#tell({ do: 'usage' }));
  }

  async attempts() {
    return attemptsSchema.parse(await this.#tell({ do: 'attempts' }));
  }

  /** What is known, by address. */
  async addresses(): Promise<Record<string, string>> {
    return z.record(z.string(), z.string()).parse(await this.#tell({ do: 'addresses' }));
  }

  async reports(): Promise<unknown[]> {
    return z.array(z.unknown()).parse(await this.#tell({ do: 'reports' }));
  }

  async #tell(command: unknown): Promise<unknown> {
    const client = connect(this.#socket);
    try {
      await once(client, 'connect');
      client.write(`${JSON.stringify(command)}\n`);
      for await (const line of createInterface({ input: client })) {
        const reply = replySchema.parse(JSON.parse(line));
        if ('error' in reply) throw Object.assign(new Error(reply.message), { code: reply.error });
        return reply.result;
      }
      throw new Error('the program hung up');
    } finally {
      client.destroy();
    }
  }
}

import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Household, household } from '../../../daemon/src/enforce/fixture/household.ts';
import type { EnforcementStatus } from '../../../daemon/src/enforce/status.ts';
import type { RunningProcess, VirtualHome } from '../../home/index.ts';

const script = fileURLToPath(new URL('enforcer-program.ts', import.meta.url));

const replySchema = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.string(), message: z.string() }),
]);

/** The enforcer running on the router of a virtual home. */
export class RouterEnforcer {
  readonly process: RunningProcess;
  readonly #socket: string;

  private constructor(process: RunningProcess, socket: string) {
    this.process = process;
    this.#socket = socket;
  }

  /** @param answers who answers names and pages: the daemon's own parts, or what stands in for them */
  static async start(
    home: VirtualHome,
    listFile = '',
    answers: 'stand-in' | 'daemon' = 'stand-in',
  ): Promise<RouterEnforcer> {
    const socket = join(mkdtempSync(join(tmpdir(), 'khien-enforcer-')), 'socket');
    const process = home.router.node(script, [socket, listFile, answers], { name: 'enforcer' });
    const enforcer = new RouterEnforcer(process, socket);
    const tellsReports = () =>
      enforcer.#tell({ do: 'reports' }).then(
        () => true,
        () => false,
      );
    await process.ready('the enforcer is up', tellsReports, 60_000);
    return enforcer;
  }

  /**
   * Applies a household's policy, waits for the names to be in the kernel, and returns how long applying took inside, in
   * milliseconds. Rejects with the error's code.
   */
  async apply(home: Household): Promise<number> {
    const ms = await this.applyOnly(home);
    await this.loaded();
    return ms;
  }

  /** The same, without waiting for names. */
  async applyOnly(home: Household): Promise<number> {
    const result = await this.#tell({ do: 'apply', ...household(home) });
    return z.object({ ms: z.number() }).parse(result).ms;
  }

  async loaded(): Promise<void> {
    await this.#tell({ do: 'loaded' });
  }

  /** Gives it another compiled list, which is used from the next `apply` on. */
  async useLists(file: string): Promise<void> {
    await this.#tell({ do: 'lists', file });
  }

  async allowHelpAddresses(addresses: readonly string[]): Promise<void> {
    await this.#tell({ do: 'help', addresses });
  }

  async status(): Promise<EnforcementStatus & { rss: number }> {
    return (await this.#tell({ do: 'status' })) as EnforcementStatus & { rss: number };
  }

  async reports(): Promise<unknown[]> {
    return z.array(z.unknown()).parse(await this.#tell({ do: 'reports' }));
  }

  /** What devices tried to get round the rules, taken out of the kernel's memory. */
  async attempts(): Promise<{ mac: string; method: string; ago: number }[]> {
    return z
      .array(z.object({ mac: z.string(), method: z.string(), ago: z.number() }))
      .parse(await this.#tell({ do: 'attempts' }));
  }

  /** Who sent from addresses of managed devices, taken out of the kernel's memory. */
  async borrowed(): Promise<{ mac: string; address: string }[]> {
    return z
      .array(z.object({ mac: z.string(), address: z.string() }))
      .parse(await this.#tell({ do: 'borrowed' }));
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
      throw new Error('the enforcer hung up');
    } finally {
      client.destroy();
    }
  }
}

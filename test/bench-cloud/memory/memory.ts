import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** In one process of routers. */
const ROUTERS_A_PROCESS = 2500;

const readySchema = z.object({ port: z.number(), authority: z.string() });
const weightSchema = z.object({
  rss: z.number(),
  heapUsed: z.number(),
  external: z.number(),
  arrayBuffers: z.number(),
  connected: z.number(),
});
type Weight = z.infer<typeof weightSchema>;

/** What one more connected router takes in the cloud's process, bytes. */
export interface PerRouter {
  readonly kind: 'tls' | 'plain';
  readonly routers: number;
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const options = { execArgv: ['--import', 'tsx', '--expose-gc'] };

/** Opens so many connections to an edge in a process of its own, and says how much it has grown by then. */
export async function memoryPerRouter(kind: 'tls' | 'plain', routers: number): Promise<PerRouter> {
  const folder = mkdtempSync(join(tmpdir(), 'khien-memory-'));
  const children: ChildProcess[] = [];
  try {
    const edge = fork(program('edge-program.ts'), [kind, folder, String(routers)], options);
    children.push(edge);
    const { port, authority } = readySchema.parse((await once(edge, 'message'))[0]);
    const before = await weigh(edge);
    for (let from = 0; from < routers; from += ROUTERS_A_PROCESS) {
      const to = Math.min(routers, from + ROUTERS_A_PROCESS);
      const args = [kind, join(folder, 'routers'), from, to, port, authority].map(String);
      const homes = fork(program('routers-program.ts'), args, options);
      children.push(homes);
      await once(homes, 'message');
    }
    // What a handshake needed is given back by and by.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const after = await weigh(edge);
    if (after.connected !== routers) throw new Error(`${after.connected} of ${routers} are connected`);
    const each = (what: (weight: Weight) => number) => Math.round((what(after) - what(before)) / routers);
    return {
      kind,
      routers,
      rss: each(({ rss }) => rss),
      heap: each(({ heapUsed }) => heapUsed),
      external: each(({ external }) => external),
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

async function weigh(edge: ChildProcess): Promise<Weight> {
  edge.send('weigh');
  return weightSchema.parse((await once(edge, 'message'))[0]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { routers: { type: 'string', default: '10000' } } });
  for (const kind of ['plain', 'tls'] as const) {
    console.log(JSON.stringify(await memoryPerRouter(kind, Number(values.routers))));
  }
}

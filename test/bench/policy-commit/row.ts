import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { addPorts, ports } from '../../kernel/enforce/own-router.ts';
import { nodeEnvironment, nodeFlags } from '../../system/router.ts';
import { bundle } from '../bundle.ts';
import { NameGenerator } from '../names.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { percentile } from '../statistics.ts';

const LIMIT_MS = 20;
const CATEGORIES = 4;

/** How soon a policy that comes from the cloud is in the kernel, also where there are many names. */
export const policyCommit: Row = {
  name: 'policy-commit',
  title: 'from a policy’s arrival to the kernel',
  run,
};

const answerSchema = z.object({ milliseconds: z.array(z.number()), names: z.int() });
type Answer = z.infer<typeof answerSchema>;

interface Samples {
  readonly loading: number[];
  readonly idle: number[];
  readonly names: number[];
}

async function run({ quick, folder, progress }: RowOptions): Promise<RowResult> {
  const count = quick ? 50_000 : 1_000_000;
  const commits = quick ? 20 : 300;
  progress(`${count} names`);
  const list = join(folder, 'list.khl');
  compileList(count, list);
  const samples: Samples = { loading: [], idle: [], names: [] };
  let names = 0;
  const program = await bundle(new URL('commit-worker.ts', import.meta.url), folder);
  addPorts();
  try {
    // A start loads all names: as often as it takes to see enough policies meanwhile.
    for (let start = 0; samples.loading.length < commits; start++) {
      progress(`start ${start + 1}`);
      const state = join(folder, `state-${start}`);
      await mkdir(state);
      const worker = new Worker(program, list, state);
      const loading = await worker.ask('paused', 'while loading');
      samples.loading.push(...loading.milliseconds);
      names = loading.names;
      if (start === 0) {
        progress('idle');
        samples.idle.push(...(await worker.ask('paused', commits)).milliseconds);
        samples.names.push(...(await worker.ask('blocked', Math.ceil(commits / 5))).milliseconds);
      }
      await worker.stop();
      execFileSync('nft', ['flush', 'ruleset']);
    }
  } finally {
    for (const port of ports) execFileSync('ip', ['link', 'del', port]);
  }
  return report(samples, { count, names });
}

function compileList(count: number, path: string): void {
  const compiler = new TableCompiler();
  new NameGenerator(count).listed(count).forEach((name, index) => {
    compiler.add(index % CATEGORIES, name);
  });
  writeFileSync(path, Buffer.concat(compiler.finish().pieces));
}

/** The daemon's documents and enforcer, in a process with the router's flags. */
class Worker {
  readonly #child;
  readonly #lines: NodeJS.AsyncIterator<string>;

  constructor(program: string, list: string, state: string) {
    this.#child = spawn(process.execPath, [...nodeFlags, program, list, state], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...nodeEnvironment },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(change: 'paused' | 'blocked', documents: number | 'while loading'): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ change, documents })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the worker has ended');
    return answerSchema.parse(JSON.parse(line.value));
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, 'exit');
  }
}

function report(
  { loading, idle, names: changed }: Samples,
  { count, names }: { count: number; names: number },
): RowResult {
  return {
    measures: [
      { name: 'a pause, nothing else happens', unit: 'ms', samples: idle },
      { name: 'a pause while names are loaded', unit: 'ms', samples: loading },
      { name: 'a name blocked or allowed', unit: 'ms', samples: changed },
    ],
    tables: [],
    aims: [
      atMost('p99 in ms, nothing else happens', percentile(idle, 0.99), LIMIT_MS),
      atMost('p99 in ms while names are loaded', percentile(loading, 0.99), LIMIT_MS),
    ],
    notes: [
      `50 devices of 5 children, ${names} names in the kernel or on the way there`,
      `a signed document as it comes from the cloud, until the kernel has committed; node ${nodeFlags.join(' ')}`,
      'a name that is blocked or allowed is decided from then on, by the responder until the maps have it: that is not in the time',
    ],
    parameters: { count, names, devices: 50 },
  };
}

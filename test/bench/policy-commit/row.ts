import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type KhienDocument, signDocument } from '@khien/shared/document';
import { newId } from '@khien/shared/id';
import { TableCompiler } from '../../../daemon/src/lists/compile.ts';
import { addPorts, ports } from '../../kernel/enforce/own-router.ts';
import { nodeEnvironment, nodeFlags } from '../../system/router.ts';
import { bundle } from '../bundle.ts';
import { NameGenerator } from '../names.ts';
import { atMost, type Row, type RowOptions, type RowResult } from '../row.ts';
import { percentile } from '../statistics.ts';
import { BigFamily } from './big-family.ts';
import { type Command, type Commit, commitSchema, settledSchema } from './commit.ts';

const LIMIT_MS = 20;
const CATEGORIES = 4;

/** How soon a policy that comes from the cloud is in the kernel, also where there are many names. */
export const policyCommit: Row = {
  name: 'policy-commit',
  title: 'from a policy’s arrival to the kernel',
  run,
};

interface Samples {
  readonly loading: Commit[];
  readonly idle: Commit[];
  readonly names: Commit[];
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
      const router = new Router(program, list, state);
      await router.bring('paused');
      for (;;) {
        const commit = await router.bring('paused');
        if (!commit.isLoading) break;
        samples.loading.push(commit);
      }
      names = await router.settle();
      if (start === 0) {
        progress('idle');
        for (let turn = 0; turn < commits; turn++) samples.idle.push(await router.bring('paused'));
        for (let turn = 0; turn < commits / 5; turn++) samples.names.push(await router.bring('blocked'));
      }
      await router.stop();
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

/** A router's documents and enforcer, in a process with the router's flags, and the cloud that signs for it. */
class Router {
  readonly #child;
  readonly #lines: NodeJS.AsyncIterator<string>;
  readonly #pair = generateKeyPairSync('ed25519');
  readonly #id = newId();
  readonly #family = new BigFamily();
  #version = 0;

  constructor(program: string, list: string, state: string) {
    const key = this.#pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    this.#child = spawn(process.execPath, [...nodeFlags, program, list, state, key, this.#id], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...nodeEnvironment },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Signs a policy with another change than the one before and gives it to the router. */
  async bring(change: 'paused' | 'blocked'): Promise<Commit> {
    const document: KhienDocument = {
      kind: 'policy',
      router: this.#id,
      version: ++this.#version,
      issuedAt: Date.now(),
      body: this.#family[change](this.#version),
    };
    const policy = JSON.stringify(signDocument(document, { id: 'k1', key: this.#pair.privateKey }));
    return commitSchema.parse(await this.#ask({ policy }));
  }

  /** Resolves when all names are loaded, with how many they are. */
  async settle(): Promise<number> {
    return settledSchema.parse(await this.#ask({ settle: true })).names;
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, 'exit');
  }

  async #ask(command: Command): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the router has ended');
    return JSON.parse(line.value);
  }
}

function report(samples: Samples, { count, names }: { count: number; names: number }): RowResult {
  const cases = [
    ['a pause, nothing else happens', samples.idle],
    ['a pause while names are loaded', samples.loading],
    ['a name blocked or allowed', samples.names],
  ] as const;
  const committed = (commits: readonly Commit[]) => commits.map((commit) => commit.committed);
  return {
    measures: cases.map(([name, commits]) => ({ name, unit: 'ms', samples: committed(commits) })),
    tables: [
      {
        title: 'milliseconds of it until signature and schema are proven, and from then on',
        columns: ['policy', 'proven, median', 'proven, p99', 'in the kernel, median', 'in the kernel, p99'],
        rows: cases.map(([name, commits]) => {
          const proven = commits.map(({ opened }) => opened);
          const brought = commits.map((commit) => commit.committed - commit.opened);
          return [name, ...[proven, brought].flatMap((of) => [percentile(of, 0.5), percentile(of, 0.99)])];
        }),
      },
    ],
    aims: [
      atMost('p99 in ms, nothing else happens', percentile(committed(samples.idle), 0.99), LIMIT_MS),
      atMost('p99 in ms while names are loaded', percentile(committed(samples.loading), 0.99), LIMIT_MS),
    ],
    notes: [
      `50 devices of 5 children, ${names} names in the kernel or on the way there`,
      `a signed document as it comes from the cloud, until the kernel has committed; node ${nodeFlags.join(' ')}`,
      'a name that is blocked or allowed is decided from then on, by the responder until the maps have it: that is not in the time',
    ],
    parameters: { count, names, devices: 50 },
  };
}

import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeError } from './error.ts';
import { eventually } from './eventually.ts';
import type { ProcessTable } from './process-table.ts';

const namespaceFolder = '/run/netns';
const etcFolder = '/etc/netns';

/**
 * Makes network namespaces, with an /etc/resolv.conf, hosts and nsswitch.conf of their own, which `ip netns exec` puts in
 * place (ip-netns(8)).
 */
export class Namespaces {
  readonly #processes: ProcessTable;
  readonly #names = new Set<string>();

  /** @param processes its own, since namespaces are removed when all other programs have ended */
  constructor(processes: ProcessTable) {
    this.#processes = processes;
  }

  /** @throws KhienError HOME_NOT_ISOLATED outside `test/in-namespace.sh`: the machine's own network is never touched */
  async prepare(): Promise<void> {
    const routes = readFileSync('/proc/self/net/route', 'utf8').trim().split('\n').slice(1);
    if (routes.length > 0 || !isMounted(namespaceFolder)) {
      throw homeError(
        'HOME_NOT_ISOLATED',
        'the virtual home runs only inside: sh test/in-namespace.sh COMMAND',
      );
    }
    if (isMounted(etcFolder)) return;
    mkdirSync(etcFolder, { recursive: true });
    await this.#processes.check('mount', ['-t', 'tmpfs', 'tmpfs', etcFolder]);
  }

  async create(names: readonly string[]): Promise<void> {
    for (const name of names) {
      this.#names.add(name);
      const folder = join(etcFolder, name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'resolv.conf'), '');
      writeFileSync(join(folder, 'hosts'), '127.0.0.1 localhost\n::1 localhost ip6-localhost\n');
      writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files dns\n');
    }
    await this.ip(names.map((name) => `netns add ${name}`));
  }

  /** Runs `ip` commands in one process, in a namespace of this home or in the one they were all made from. */
  async ip(lines: readonly string[], namespace?: string): Promise<void> {
    const where = namespace === undefined ? [] : ['-n', namespace];
    await this.#processes.check('ip', [...where, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** Writes what programs in the namespace read as /etc/resolv.conf. A slow answer is asked for again after a second. */
  setResolvers(namespace: string, addresses: readonly string[]): void {
    const lines = [...addresses.map((address) => `nameserver ${address}`), 'options timeout:1 attempts:2'];
    writeFileSync(join(etcFolder, namespace, 'resolv.conf'), `${lines.join('\n')}\n`);
  }

  /** Removes all namespaces, and kills what still runs in them, even where it left its process group. */
  async remove(): Promise<void> {
    const existing = [...this.#names].filter((name) => readdirSync(namespaceFolder).includes(name));
    const inodes = new Set(existing.map((name) => statSync(join(namespaceFolder, name)).ino));
    await eventually('no process is left in the home', () => {
      const left = processesIn(inodes);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      return left.length === 0;
    });
    await this.ip(existing.map((name) => `netns del ${name}`));
    for (const name of this.#names) rmSync(join(etcFolder, name), { recursive: true, force: true });
    this.#names.clear();
    await this.#processes.stop();
  }
}

function processesIn(namespaces: ReadonlySet<number>): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    const namespace = statSync(`/proc/${pid}/ns/net`, { throwIfNoEntry: false });
    return namespace !== undefined && namespaces.has(namespace.ino);
  });
}

function isMounted(path: string): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.some((line) => line.split(' ')[4] === path);
}

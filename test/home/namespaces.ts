import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HomeError } from './error.ts';
import type { ProcessTable } from './process.ts';

const etcFolder = '/etc/netns';

/**
 * Makes network namespaces, with an /etc/resolv.conf, hosts and nsswitch.conf of their own, which `ip netns exec` puts in
 * place (ip-netns(8)).
 */
export class Namespaces {
  readonly #processes: ProcessTable;
  readonly #names = new Set<string>();

  constructor(processes: ProcessTable) {
    this.#processes = processes;
  }

  /** @throws HomeError `not-isolated` outside `test/in-namespace.sh`: a home must never touch the machine's own network */
  async prepare(): Promise<void> {
    const routes = readFileSync('/proc/self/net/route', 'utf8').trim().split('\n').slice(1);
    if (routes.length > 0 || !isMounted('/run/netns')) {
      throw new HomeError(
        'not-isolated',
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

  /** Writes what programs in the namespace read as /etc/resolv.conf. A slow answer is asked again after a second. */
  setResolvers(namespace: string, addresses: readonly string[]): void {
    const lines = [...addresses.map((address) => `nameserver ${address}`), 'options timeout:1 attempts:2'];
    writeFileSync(join(etcFolder, namespace, 'resolv.conf'), `${lines.join('\n')}\n`);
  }

  async remove(): Promise<void> {
    const names = [...this.#names];
    this.#names.clear();
    if (names.length === 0) return;
    await this.#processes.exec('ip', ['-force', '-batch', '-'], {
      input: names.map((name) => `netns del ${name}\n`).join(''),
    });
    for (const name of names) rmSync(join(etcFolder, name), { recursive: true, force: true });
  }
}

function isMounted(path: string): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.some((line) => line.split(' ')[4] === path);
}

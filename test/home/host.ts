import type { Namespaces } from './namespaces.ts';
import type { ExecOptions, ExecResult, ProcessTable, SpawnOptions } from './process-table.ts';
import type { RunningProcess } from './running-process.ts';

/** The other end of a host's cable: a bridge port that holds no address, so that nothing but the carrier is lost. */
export interface Socket {
  readonly namespace: string;
  readonly port: string;
}

/** What the hosts of one home share. */
export interface Premises {
  readonly processes: ProcessTable;
  readonly namespaces: Namespaces;
  /** A folder that ends with the home. */
  readonly folder: string;
  /** Runs before the home's processes are stopped. */
  onStop(action: () => Promise<void>): void;
}

/** A machine of the virtual home: one network namespace. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly premises: Premises;
  readonly #socket: Socket | null;

  constructor(name: string, namespace: string, premises: Premises, socket: Socket | null) {
    this.name = name;
    this.namespace = namespace;
    this.premises = premises;
    this.#socket = socket;
  }

  /** Runs a program to its end. A non-zero status is a result; see `ProcessTable.exec` for what it throws. */
  exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    return this.premises.processes.exec('ip', this.#enter(command, args), options);
  }

  /** Runs a program that must succeed, and returns what it printed. */
  check(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<string> {
    return this.premises.processes.check('ip', this.#enter(command, args), options);
  }

  /** Starts a program that ends with the home at the latest. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): RunningProcess {
    const title = `${this.name}-${options.name ?? command.split('/').at(-1)}`;
    return this.premises.processes.spawn('ip', this.#enter(command, args), title, options);
  }

  /** Starts JavaScript, or TypeScript, under Node. */
  node(script: string, args: readonly string[] = [], options: SpawnOptions = {}): RunningProcess {
    const name = options.name ?? script.split('/').at(-1)?.replace(/\.ts$/, '') ?? 'node';
    const loader = script.endsWith('.ts') ? ['--import', tsx] : [];
    return this.spawn(process.execPath, [...loader, script, ...args], { ...options, name });
  }

  /** Runs `ip` commands in this host. */
  ip(lines: readonly string[]): Promise<void> {
    return this.premises.namespaces.ip(lines, this.namespace);
  }

  /** Writes kernel parameters, by their paths below /proc/sys/net. */
  async sysctl(values: Readonly<Record<string, number>>): Promise<void> {
    const writes = Object.entries(values).map(([path, value]) => `echo ${value} >/proc/sys/net/${path}`);
    await this.check('sh', ['-ec', writes.join('\n')]);
  }

  /** Pulls the cable out: this host loses its carrier and keeps its addresses. */
  async unplug(): Promise<void> {
    await this.#setSocket('down');
  }

  async plugIn(): Promise<void> {
    await this.#setSocket('up');
  }

  async #setSocket(state: 'up' | 'down'): Promise<void> {
    if (this.#socket === null) return;
    await this.premises.namespaces.ip([`link set ${this.#socket.port} ${state}`], this.#socket.namespace);
  }

  #enter(command: string, args: readonly string[]): string[] {
    return ['netns', 'exec', this.namespace, command, ...args];
  }
}

// Resolved here, because a host's program may run in any folder.
const tsx = import.meta.resolve('tsx');

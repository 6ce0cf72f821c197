import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Where and with what the numbers were made. */
export interface Environment {
  readonly khien: string;
  readonly kernel: string;
  readonly node: string;
  readonly dnsmasq: string;
  readonly cpu: string;
  readonly memory: string;
  /** Programs that wanted a core in the minute before: what else this machine was doing. */
  readonly load: string;
}

export function readEnvironment(): Environment {
  return {
    khien: revision(),
    kernel: release(),
    node: process.version,
    dnsmasq:
      /version (\S+)/.exec(execFileSync('dnsmasq', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown',
    cpu: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    load: (loadavg()[0] ?? 0).toFixed(1),
  };
}

/** The commit, with a `+` where files differ from it. A copy without its history has none. */
function revision(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

import type { Status } from '../status.ts';
import { type Finding, ok, problem } from './finding.ts';

/** What is known of the running daemon. */
export interface DaemonFacts {
  /** The process that holds the daemon's place in this network namespace. */
  readonly pid: number | undefined;
  /** What it says of itself; the code of the failure where it does not. */
  readonly status: Status | string;
}

/** Whether the daemon runs and answers, and which process it is. */
export function checkDaemon({ pid, status }: DaemonFacts): Finding {
  const check = 'daemon';
  if (pid === undefined) {
    const found = 'does not run; the kernel enforces what it holds, and blocked names are not answered';
    return problem(check, found, 'start it: /etc/init.d/khien start');
  }
  if (typeof status === 'string') {
    const found = `process ${pid} runs, and does not answer on its socket (${status})`;
    return problem(check, found, 'restart it: /etc/init.d/khien restart; see that runFolder is the same');
  }
  const since = `${new Date(status.startedAt).toISOString().slice(0, 19)}Z`;
  return ok(
    check,
    `khiend ${status.version}, process ${pid}, since ${since}, ${(status.rssBytes / 1e6).toFixed(0)} MB`,
  );
}

/** What is enforced, as the daemon says it. */
export function checkEnforcement({ status }: DaemonFacts): Finding | undefined {
  if (typeof status === 'string') return undefined;
  const { enforcement, names, lan } = status;
  const check = 'enforcement';
  const found = `${enforcement}; ${lan.managed} managed addresses, ${names} names in the kernel`;
  if (enforcement === 'enforcing') return ok(check, found);
  return enforcement === 'ENFORCE_NOTHING'
    ? problem(check, found, 'no policy has come yet: see identity, policy and cloud')
    : problem(check, found, 'see kernel and LAN; the log says more: logread -e khien');
}

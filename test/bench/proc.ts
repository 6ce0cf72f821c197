import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';

/** Time a process has run on a core, in nanoseconds (Documentation/scheduler/sched-stats.rst). */
export function cpuTime(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

/**
 * Whether the kernel leaves softirqs out of the time of the process that they run in: CONFIG_IRQ_TIME_ACCOUNTING. Taken for
 * no where the kernel does not show how it was configured.
 */
export function softirqsCountApart(): boolean {
  const option = /^CONFIG_IRQ_TIME_ACCOUNTING=y$/m;
  if (existsSync('/proc/config.gz'))
    return option.test(gunzipSync(readFileSync('/proc/config.gz')).toString());
  const file = `/boot/config-${release()}`;
  return existsSync(file) && option.test(readFileSync(file, 'utf8'));
}

/** UDP packets that came to a full socket buffer in the network namespace of a process. */
export function udpBufferErrors(pid: number): number {
  const [names = '', values = ''] = readFileSync(`/proc/${pid}/net/snmp`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp: '));
  const index = names.split(' ').indexOf('RcvbufErrors');
  return Number(values.split(' ')[index]);
}

/** A process's memory in bytes. */
export interface Memory {
  /** Pages that are there, shared ones too. */
  readonly rss: number;
  /** The same, with each shared page divided by those who share it. */
  readonly pss: number;
  /** Pages that no file backs: what the process itself allocated. */
  readonly anonymous: number;
  /** The most that `rss` has been. */
  readonly peak: number;
}

export function readMemory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return {
    rss: kilobytes(status, 'VmRSS'),
    pss: kilobytes(rollup, 'Pss'),
    anonymous: kilobytes(status, 'RssAnon'),
    peak: kilobytes(status, 'VmHWM'),
  };
}

/** The most that a process's resident memory has been, in bytes. Cheap, unlike `readMemory`, where it is large. */
export function peakMemory(pid: number): number {
  return kilobytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM');
}

function kilobytes(text: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (match === null) throw new Error(`the kernel does not tell ${field}`);
  return Number(match[1]) * 1024;
}

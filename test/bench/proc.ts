import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { gunzipSync } from 'node:zlib';

/** Time the threads of a process have run on a core, in nanoseconds (Documentation/scheduler/sched-stats.rst). */
export function cpuTime(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) =>
      sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );
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

/**
 * Milliseconds from a process's start to `at`, nanoseconds of CLOCK_MONOTONIC. The kernel tells the start in hundredths of a
 * second (proc_pid_stat(5), field 22; USER_HZ) and counts it on CLOCK_BOOTTIME, which differs where the machine has slept.
 */
export function sinceStart(pid: number, at: number | bigint): number {
  const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return Number(at) / 1e6 - Number(fields.split(' ')[19]) * 10;
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

/**
 * Bytes of this machine's memory that the kernel itself holds and cannot give back: slabs with their large allocations,
 * vmalloc and per-CPU areas (proc_meminfo(5)). All that runs here is in it, so only differences over a short time say anything.
 */
export function kernelMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return ['SUnreclaim', 'VmallocUsed', 'Percpu'].reduce((sum, field) => sum + kilobytes(text, field), 0);
}

function kilobytes(text: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
  if (match === null) throw new Error(`the kernel does not tell ${field}`);
  return Number(match[1]) * 1024;
}

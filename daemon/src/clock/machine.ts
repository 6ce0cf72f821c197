import { readFileSync } from 'node:fs';

/** Milliseconds since this machine was started, not counting sleep (CLOCK_MONOTONIC); another process sees the same. */
export function machineUptime(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** Tells one start of this machine from others (random(4), `boot_id`); empty where the kernel does not say. */
export function machineStart(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

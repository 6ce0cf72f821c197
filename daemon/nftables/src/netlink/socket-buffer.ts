import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Runs `act` while a limit of net.core allows socket buffers of `bytes`: what SO_RCVBUFFORCE and SO_SNDBUFFORCE would
 * do, which the binding cannot set. The limit is put back at once. Without the right to change it (another user, a
 * network namespace other than the first) the limit stays and the kernel grants what it allows.
 */
export function withBufferLimit(limit: 'rmem_max' | 'wmem_max', bytes: number, act: () => void): void {
  const path = `/proc/sys/net/core/${limit}`;
  const before = raise(path, bytes);
  try {
    act();
  } finally {
    if (before !== undefined) writeFileSync(path, before);
  }
}

/** Returns what to put back; undefined when nothing was changed. */
function raise(path: string, bytes: number): string | undefined {
  try {
    const before = readFileSync(path, 'utf8');
    if (Number(before) >= bytes) return undefined;
    writeFileSync(path, String(bytes));
    return before;
  } catch {
    return undefined;
  }
}

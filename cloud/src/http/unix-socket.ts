import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** Removes the socket that a process left which was killed: nobody listens at it, and nobody else could (unix(7)). */
export async function removeStaleSocket(path: string): Promise<void> {
  // Connecting to what is no socket is refused too.
  const stats = await lstat(path).catch(() => undefined);
  if (stats?.isSocket() !== true) return;
  const stale = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error) => resolve('code' in error && error.code === 'ECONNREFUSED'));
  });
  if (stale) await unlink(path);
}

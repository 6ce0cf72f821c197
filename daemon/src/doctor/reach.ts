import { isIP, connect as plainConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { KhienError } from '@khien/shared/error';
import type { CloudEndpoint } from './cloud.ts';

const PATIENCE = 5000;

/** Connects, over TLS where asked for, and hangs up. Rejects with the error of the system or of TLS, or `ETIMEDOUT`. */
export function reach({ host, port, tls }: CloudEndpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const connected = (): void => {
      socket.destroy();
      resolve();
    };
    const socket: Socket =
      tls === undefined
        ? plainConnect({ host, port }, connected)
        : tlsConnect({ ...tls, host, port, ...(isIP(host) === 0 ? { servername: host } : {}) }, connected);
    socket.setTimeout(PATIENCE, () => socket.destroy(new KhienError('ETIMEDOUT', 'no answer in time')));
    socket.on('error', reject);
  });
}

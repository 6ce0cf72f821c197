import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from '@khien/cloud/authority/authority';
import { portIsOpen } from '../../fleet/cloud-node.ts';

export interface Mosquitto {
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

/** Mosquitto with the same certificates, which keeps nothing: it acknowledges what it has received. */
export async function startMosquitto(authority: Authority, port: number, parent: string): Promise<Mosquitto> {
  const folder = join(parent, 'mosquitto');
  await mkdir(folder, { mode: 0o755 });
  const server = await authority.serverCertificate(['localhost']);
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const configuration = [
    `listener ${port} 127.0.0.1`,
    `cafile ${file('ca.pem', authority.certificate)}`,
    `certfile ${file('server.pem', server.certificate)}`,
    `keyfile ${file('server.key', server.privateKey)}`,
    'require_certificate true',
    'allow_anonymous true',
    'persistence false',
    'user root',
    'log_type error',
  ].join('\n');
  const child = spawn('mosquitto', ['-c', file('mosquitto.conf', configuration)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await portIsOpen(port))) {
    if (child.exitCode !== null) throw new Error('Mosquitto does not start');
    await sleep(50);
  }
  return {
    port,
    version: /version (\S+)/.exec(helpOf('mosquitto'))?.[1] ?? 'unknown',
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** `mosquitto -h` ends with 3. */
function helpOf(program: string): string {
  try {
    return execFileSync(program, ['-h'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    return typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : '';
  }
}

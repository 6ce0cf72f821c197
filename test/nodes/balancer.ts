import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Backend {
  readonly name: string;
  readonly http: number;
  readonly mqtt: number;
}

/** HAProxy before the nodes: HTTP, and TCP for MQTT, whose TLS is between router and node. */
export class Balancer {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(
    folder: string,
    at: { readonly http: number; readonly mqtt: number },
    backends: readonly Backend[],
  ): Promise<Balancer> {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration(at, backends));
    const started = spawn('haproxy', ['-db', '-q', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    await once(started, 'spawn');
    return new Balancer(started);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}

const deployed = fileURLToPath(new URL('../../cloud/deploy/haproxy.cfg', import.meta.url));

/**
 * The configuration that operators are given, with other addresses: without TLS before the nodes, and without the PROXY
 * protocol, for these tests connect to nodes past the balancer too.
 */
function configuration(
  at: { readonly http: number; readonly mqtt: number },
  backends: readonly Backend[],
): string {
  const lines = readFileSync(deployed, 'utf8').split('\n');
  const [https, plain, mqtt] = [':443 ssl ', ':80', ':8883'].map((bound) =>
    indexOf(lines, `  bind ${bound}`),
  );
  const redirect = indexOf(lines, '  http-request redirect scheme https ');
  const most = indexOf(lines, '  maxconn ');
  const places = new Map([
    [https, `  bind 127.0.0.1:${at.http}`],
    [mqtt, `  bind 127.0.0.1:${at.mqtt}`],
    [plain, ''],
    [redirect, ''],
    // Each takes two descriptors, of which who starts a test may have few.
    [most, '  maxconn 200'],
  ]);
  return lines.map((line, index) => places.get(index) ?? serversFor(line, backends)).join('\n');
}

/** @throws Error where the line is not there: the file has changed, and this is to change with it */
function indexOf(lines: readonly string[], start: string): number {
  const index = lines.findIndex((line) => line.startsWith(start));
  if (index < 0) throw new Error(`${deployed} has no line "${start}"`);
  return index;
}

/** The line of the first server for each of ours; of the others nothing. */
function serversFor(line: string, backends: readonly Backend[]): string {
  const [, name, port, rest = ''] = /^ {2}server (\w+) 192\.0\.2\.\d+:(\d+)(.*)$/.exec(line) ?? [];
  if (name === undefined) return line;
  if (name !== 'a') return '';
  const options = rest.replace(' send-proxy-v2', '');
  return backends
    .map((backend) => {
      const own = port === '8883' ? backend.mqtt : backend.http;
      return `  server ${backend.name} 127.0.0.1:${own}${options}`;
    })
    .join('\n');
}

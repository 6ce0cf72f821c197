import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

/**
 * Whether a node is there is asked of its ports, not of its store: while PostgreSQL is down all nodes are as good as each
 * other, and routers that stay connected need not come back at once.
 */
function configuration(
  at: { readonly http: number; readonly mqtt: number },
  backends: readonly Backend[],
): string {
  const server = (port: (backend: Backend) => number) =>
    backends.map(
      (backend) => `  server ${backend.name} 127.0.0.1:${port(backend)} check inter 500 fall 2 rise 1`,
    );
  return [
    'defaults',
    '  timeout connect 1s',
    '  timeout client 60s',
    '  timeout server 60s',
    '  timeout check 5s',
    '  option redispatch 1',
    '  retries 3',
    'frontend http',
    '  mode http',
    `  bind 127.0.0.1:${at.http}`,
    '  default_backend http',
    'backend http',
    '  mode http',
    '  balance roundrobin',
    '  retry-on conn-failure empty-response 503',
    '  http-request disable-l7-retry if ! METH_GET',
    ...server(({ http }) => http),
    'frontend mqtt',
    '  mode tcp',
    `  bind 127.0.0.1:${at.mqtt}`,
    '  default_backend mqtt',
    'backend mqtt',
    '  mode tcp',
    '  balance leastconn',
    ...server(({ mqtt }) => mqtt),
    '',
  ].join('\n');
}

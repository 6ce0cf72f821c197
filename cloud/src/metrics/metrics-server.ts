import { createServer, type Server } from 'node:http';
import type { TcpAddress } from '../config.ts';
import type { Metrics } from './metrics.ts';

/** How long a scraper may take to ask, milliseconds. */
const REQUEST_TIMEOUT = 5_000;

/** Serves `/metrics` on an address of its own, which is not for the public, and nothing else. */
export class MetricsServer {
  readonly #metrics: Metrics;
  readonly #address: TcpAddress;
  #server: Server | undefined;

  constructor(metrics: Metrics, address: TcpAddress) {
    this.#metrics = metrics;
    this.#address = address;
  }

  /** @throws the system's error where the port cannot be had */
  async start(): Promise<void> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
      if (request.method !== 'GET' || request.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      this.#metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': this.#metrics.registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#address.port, this.#address.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#server = server;
  }

  /** The port that it listens at; undefined before it does. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : undefined;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

import { rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  request as plainRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface Relay {
  /** A Unix socket, or a port of the loopback interface (0 for any free one). */
  readonly listen: { readonly socket: string } | { readonly port: number };
  /** A Unix socket, or the origin of a server. */
  readonly to: { readonly socket: string } | { readonly origin: string };
  /** The origin that the other side believes to be asked under; the browser's own where absent. */
  readonly as?: string;
}

/**
 * A window into the virtual home for a browser outside it: takes HTTP and passes it on. One stands on each side of the
 * border of the namespaces; a socket file, which both sides see, joins them.
 */
export async function openRelay({ listen, to, as }: Relay): Promise<Server> {
  const server = createServer((request, response) => pass(request, response, to, as));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if ('port' in listen) {
      server.listen(listen.port, '127.0.0.1', resolve);
    } else {
      rmSync(listen.socket, { force: true });
      server.listen(listen.socket, resolve);
    }
  });
  return server;
}

function pass(
  request: IncomingMessage,
  response: ServerResponse,
  to: Relay['to'],
  as: string | undefined,
): void {
  const headers = { ...request.headers };
  if (as !== undefined) {
    headers.host = new URL(as).host;
    if (headers.origin !== undefined) headers.origin = new URL(as).origin;
  }
  const options = { method: request.method, path: request.url, headers };
  const onward =
    'socket' in to
      ? plainRequest({ ...options, socketPath: to.socket })
      : to.origin.startsWith('https:')
        ? // The certificate is of the demo's own authority, and this relay is on the cloud's own host.
          tlsRequest(to.origin, { ...options, rejectUnauthorized: false })
        : plainRequest(to.origin, options);
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => {
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
    response.end('The other side does not answer.\n');
  });
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

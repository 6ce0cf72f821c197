import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { problem, sendProblem } from './problem.ts';

export interface WebOptions {
  /** The folder of the built web UI; without it, or while it is not built, there is the API alone. */
  readonly web: string | undefined;
}

const IMMUTABLE = 'public, max-age=31536000, immutable';

/** The build puts a hash in the names below `assets/`; all else (index.html, the service worker, icons) is asked for anew. */
function setCaching(reply: FastifyReply, path: string, web: string): void {
  const hashed = path.startsWith(join(web, 'assets/'));
  reply.header('cache-control', hashed ? IMMUTABLE : 'no-cache');
}

/** Whether the request wants a page, whichever view of the application its address means. */
function wantsPage(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0] ?? '';
  return (
    (request.method === 'GET' || request.method === 'HEAD') &&
    path !== '/api' &&
    !path.startsWith('/api/') &&
    !path.startsWith('/assets/') &&
    !basename(path).includes('.') &&
    (request.headers.accept ?? '*/*').match(/text\/html|\*\/\*/) !== null
  );
}

async function serveWeb(app: FastifyInstance, { web }: WebOptions): Promise<void> {
  const folder = web !== undefined && existsSync(join(web, 'index.html')) ? web : undefined;
  if (folder === undefined) app.log.warn('the web UI is not built; there is the API alone');
  else {
    await app.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders: (reply, path) => setCaching(reply, path, folder),
    });
  }
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) => {
    if (folder !== undefined && wantsPage(request)) return reply.sendFile('index.html');
    return sendProblem(reply, problem('NOT_FOUND'));
  });
}

/** The parents' web UI, and the answer to every address that is nothing else. */
export const webPlugin = fp(serveWeb, { name: 'web', dependencies: ['problem', 'limits'] });

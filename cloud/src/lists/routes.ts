import { open } from 'node:fs/promises';
import { codeOf, KhienError } from '@khien/shared/error';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problems } from '../http/problem.ts';
import type { TableFolder } from './table-folder.ts';

/** A table never changes under its name. */
const CACHING = 'public, max-age=31536000, immutable';
/** A router that takes nothing for so long is gone, milliseconds. */
const STALLED = 60_000;

const table = {
  description: 'The table, or the part that was asked for',
  content: { 'application/octet-stream': { schema: z.unknown() } },
};

interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * `GET /lists/<sha256>.khl`: a compiled table, whole or from where a router got to (RFC 9110 §14). Names of lists are
 * public, and a name that is a hash needs no permission.
 */
export const listRoutes: FastifyPluginCallback<{ readonly folder: TableFolder }> = (
  app,
  { folder },
  done,
) => {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/lists/:name',
    {
      schema: {
        summary: 'A compiled list of names, whole or from where a router got to',
        tags: ['lists'],
        params: z.object({ name: z.string() }),
        response: { 200: table, 206: table, ...problems },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const path = folder.pathOf(name);
      if (path === undefined) throw new KhienError('NOT_FOUND', 'no list has this name');
      const file = await open(path, 'r').catch((cause: unknown) => {
        throw codeOf(cause) === 'ENOENT'
          ? new KhienError('NOT_FOUND', 'no list has this name', { cause })
          : cause;
      });
      const { size } = await file.stat();
      const etag = `"${name.slice(0, -4)}"`;
      reply.headers({ etag, 'accept-ranges': 'bytes', 'cache-control': CACHING });
      if (request.headers['if-none-match'] === etag) {
        await file.close();
        return reply.code(304).send();
      }
      const span = spanOf(request, etag, size);
      if (span === undefined) {
        await file.close();
        return reply.code(416).header('content-range', `bytes */${size}`).send();
      }
      describe(reply, span, size);
      reply.raw.setTimeout(STALLED, () => reply.raw.destroy());
      return reply.send(file.createReadStream({ start: span.first, end: span.last }));
    },
  );
  done();
};

function describe(reply: FastifyReply, { first, last }: Span, size: number): void {
  reply.type('application/octet-stream').header('content-length', last - first + 1);
  if (first > 0 || last < size - 1) {
    reply.code(206).header('content-range', `bytes ${first}-${last}/${size}`);
  }
}

/** What is asked for: all of it where no single range is, or one of other content; undefined where it has no such bytes. */
function spanOf({ headers }: FastifyRequest, etag: string, size: number): Span | undefined {
  const all = { first: 0, last: size - 1 };
  const range = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(headers.range ?? '');
  const condition = headers['if-range'];
  if (range === null || (condition !== undefined && condition !== etag)) return all;
  const first = Number(range[1]);
  const last = Math.min(range[2] === '' ? size - 1 : Number(range[2]), size - 1);
  return first > last ? undefined : { first, last };
}

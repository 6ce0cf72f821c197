import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { isOpen } from '../identity/sessions.ts';
import { OpenStreams } from './open-streams.ts';
import { EventStream } from './stream.ts';

const HEARTBEAT = 20_000;
const STREAMS_OF_AN_ACCOUNT = 16;

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, changes, now } = app.cloud;
  const open = new OpenStreams(STREAMS_OF_AN_ACCOUNT);
  // Before the server waits for its connections to end.
  app.addHook('preClose', (closed) => {
    open.closeAll();
    closed();
  });

  app.get(
    '/stream',
    {
      config: { right: 'household:view' },
      exposeHeadRoute: false,
      schema: {
        summary: 'Server-sent events: what to fetch again',
        tags: ['stream'],
        params: householdParamsSchema,
        produces: ['text/event-stream'],
      },
    },
    (request, reply) => {
      const session = sessionOf(request);
      const household = householdOf(request).id;
      const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]);
      reply.hijack();
      // Whoever has left by now will not be heard leaving.
      if (reply.raw.destroyed) return;

      const stream = new EventStream(reply.raw, Object.fromEntries(headers));
      open.add(session.account, stream);
      const unsubscribe = changes.onHousehold(household, ({ changed }) => stream.send({ changed }));
      const heartbeat = setInterval(() => {
        isOpen(store.db, session, now()).then(
          (still) => (still ? stream.heartbeat() : stream.close()),
          (error: unknown) => {
            request.log.error({ err: error }, 'a stream could not be checked');
            stream.close();
          },
        );
      }, HEARTBEAT);
      stream.onClose(() => {
        clearInterval(heartbeat);
        unsubscribe();
        open.remove(session.account, stream);
      });
    },
  );
  done();
};

/** Tells open pages that something changed; it ends with the session, at the latest with the next heartbeat. */
export const streamPlugin = fp(routes, { name: 'stream', dependencies: ['context', 'rights'] });

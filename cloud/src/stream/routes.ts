import type { Id } from '@khien/shared/id';
import fp from 'fastify-plugin';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { hourOf } from '../audit/audit.ts';
import type { HouseholdChange } from '../changes.ts';
import { householdOf, householdParamsSchema } from '../households/access.ts';
import { problems } from '../http/problem.ts';
import { sessionOf } from '../identity/session-plugin.ts';
import { isOpen, type Session } from '../identity/sessions.ts';
import { auditStanding, standingOf } from '../rights/rights-plugin.ts';
import { findStanding, type Standing } from '../rights/standing.ts';
import { hears } from './hears.ts';
import { OpenStreams } from './open-streams.ts';
import { EventStream } from './stream.ts';

const events = {
  description: 'One event for each change, until the page is closed',
  content: { 'text/event-stream': { schema: z.string() } },
};
const HEARTBEAT = 20_000;
const STREAMS_OF_AN_ACCOUNT = 16;

const routes: FastifyPluginCallbackZod = (app, _options, done) => {
  const { store, changes, now } = app.cloud;
  const open = new OpenStreams(STREAMS_OF_AN_ACCOUNT);
  const standingNow = async (session: Session, household: Id): Promise<Standing | undefined> => {
    if (!(await isOpen(store.db, session, now()))) return undefined;
    return (await findStanding(store.db, household, session.account, now()))?.standing;
  };
  // Before the server waits for its connections to end.
  app.addHook('preClose', (closed) => {
    open.closeAll();
    closed();
  });

  app.get(
    '/stream',
    {
      config: { right: 'household:view', scope: 'any' },
      exposeHeadRoute: false,
      schema: {
        summary: 'Server-sent events: what to fetch again',
        tags: ['stream'],
        params: householdParamsSchema,
        response: { 200: events, ...problems },
      },
    },
    (request, reply) => {
      const session = sessionOf(request);
      const household = householdOf(request).id;
      let standing = standingOf(request);
      let loggedIn = hourOf(now());
      const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]);
      reply.hijack();
      // Whoever has left by now will not be heard leaving.
      if (reply.raw.destroyed) return;

      const stream = new EventStream(reply.raw, Object.fromEntries(headers));
      open.add(session.account, stream);
      const check = async (then: () => void): Promise<void> => {
        const found = await standingNow(session, household);
        if (found === undefined) return stream.close();
        const hour = hourOf(now());
        // The family reads of each hour in which somebody has its page open.
        if (hour !== loggedIn) await auditStanding(request, household, found);
        loggedIn = hour;
        standing = found;
        then();
      };
      const whileAllowed = (then: () => void): void => {
        check(then).catch((error: unknown) => {
          request.log.error({ err: error }, 'a stream could not be checked');
          stream.close();
        });
      };
      const tell = (changed: HouseholdChange['changed']): void => {
        if (hears(standing, changed, now())) stream.send({ changed });
      };
      const unsubscribe = changes.onHousehold(household, ({ changed }) => {
        if (changed === 'rights' || hourOf(now()) !== loggedIn) whileAllowed(() => tell(changed));
        else tell(changed);
      });
      // Between the decision and this a right may have ended that nobody told of.
      whileAllowed(() => undefined);
      const heartbeat = setInterval(() => whileAllowed(() => stream.heartbeat()), HEARTBEAT);
      stream.onClose(() => {
        clearInterval(heartbeat);
        unsubscribe();
        open.remove(session.account, stream);
      });
    },
  );
  done();
};

/**
 * Tells open pages that something changed. It ends with the right to see the household: at once when a member is removed,
 * a consent or the session ended, and where one of them runs out with the next heartbeat.
 */
export const streamPlugin = fp(routes, { name: 'stream', dependencies: ['context', 'rights'] });

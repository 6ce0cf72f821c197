import { KhienError } from '@khien/shared/error';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { actorOf } from '../api-keys/key-plugin.ts';
import { householdOf } from '../households/access.ts';
import { beginOnce, contentOf, endOnce, forgetOnce, type Once } from './answers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request has no idempotency key, or was answered before. */
    once: Once | null;
  }
}

/** `Idempotency-Key`: printable ASCII (draft-ietf-httpapi-idempotency-key-header). */
export const KEY_FORM = /^[\x21-\x7e]{1,64}$/;
const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** @throws KhienError `IDEMPOTENCY_KEY_INVALID` */
function onceOf(request: FastifyRequest): Once | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || !WRITES.has(request.method) || request.household === null) return undefined;
  if (typeof key !== 'string' || !KEY_FORM.test(key)) {
    throw new KhienError('IDEMPOTENCY_KEY_INVALID', 'it has 1 to 64 printable characters');
  }
  const account = actorOf(request);
  return {
    caller: request.apiKey?.id ?? account,
    account,
    household: householdOf(request).id,
    key,
    content: contentOf(request.method, request.url, takenOf(request)),
  };
}

/** What is sent where no body is asked for means nothing, and nobody has looked at its form. */
function takenOf({ routeOptions, body }: FastifyRequest): unknown {
  return routeOptions.schema?.body === undefined ? undefined : body;
}

async function replay(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const once = onceOf(request);
  if (once === undefined) return;
  const { store, now } = request.server.cloud;
  const kept = await beginOnce(store.db, once, now());
  if (kept === undefined) {
    request.once = once;
    return;
  }
  reply.header('idempotency-replayed', 'true').code(kept.status);
  if (kept.body !== '') reply.type('application/json; charset=utf-8');
  await reply.send(kept.body);
}

/**
 * What changes something below a household is done once for each `Idempotency-Key`, however often a flaky network has it
 * sent: who sends it again is answered what was answered before. What was refused changed nothing and is done anew; of what
 * broke off nobody knows, so it is not done again.
 */
export const idempotencyPlugin = fp(
  (app, _options, done) => {
    app.decorateRequest('once', null);
    app.addHook('preHandler', replay);
    app.addHook('onSend', async (request, reply, payload) => {
      const { once } = request;
      if (once === null) return;
      request.once = null;
      const { db } = app.cloud.store;
      const { statusCode: status } = reply;
      try {
        if (status < 400)
          await endOnce(db, once, { status, body: typeof payload === 'string' ? payload : '' });
        else if (status < 500) await forgetOnce(db, once);
      } catch (error) {
        // It is done; who asks again is told that the outcome is not known.
        request.log.error({ err: error }, 'an answer could not be kept');
      }
    });
    done();
  },
  { name: 'idempotency', dependencies: ['context', 'rights', 'api-key'] },
);

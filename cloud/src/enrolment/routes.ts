import {
  enrolmentGrantSchema,
  enrolmentPollSchema,
  enrolmentRequestSchema,
  identitySchema,
  renewalRequestSchema,
} from '@khien/shared/enrolment';
import fp from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { problems, sendProblem } from '../http/problem.ts';
import type { RouterEnrolment } from './enrolment.ts';
import { ENROLMENTS_PER_ADDRESS, POLLS_PER_ADDRESS, RENEWALS_PER_ADDRESS } from './limits.ts';

/** RFC 6749 §5.1: a token endpoint's answers are not to be kept. */
const NOT_KEPT = { 'cache-control': 'no-store' } as const;

/** The routes that routers speak HTTP to, before they have a certificate. No session and no same-origin check apply. */
export const enrolmentRoutes = fp<{ readonly enrolment: RouterEnrolment }>(
  (app, { enrolment }, done) => {
    const routes = app.withTypeProvider<ZodTypeProvider>();

    routes.post(
      '/api/v1/enrolment',
      {
        config: { right: 'public', rateLimit: ENROLMENTS_PER_ADDRESS },
        bodyLimit: 4096,
        schema: {
          summary: 'A new router asks for a claim code (RFC 8628 §3.1)',
          tags: ['enrolment'],
          body: enrolmentRequestSchema,
          response: { 200: enrolmentGrantSchema, ...problems },
        },
      },
      async (request, reply) => reply.headers(NOT_KEPT).send(await enrolment.open(request.body)),
    );

    routes.post(
      '/api/v1/enrolment/token',
      {
        config: { right: 'public', rateLimit: POLLS_PER_ADDRESS },
        bodyLimit: 1024,
        schema: {
          summary: 'The router asks whether a parent has claimed it (RFC 8628 §3.4)',
          tags: ['enrolment'],
          body: enrolmentPollSchema,
          response: { 200: identitySchema, ...problems },
        },
      },
      async (request, reply) => {
        const answer = await enrolment.poll(request.body.device_code);
        reply.headers(NOT_KEPT);
        if (typeof answer === 'object') return reply.send(answer);
        return sendProblem(reply, { type: 'about:blank', title: titles[answer], status: 400, code: answer });
      },
    );

    routes.post(
      '/api/v1/enrolment/renewal',
      {
        config: { right: 'public', rateLimit: RENEWALS_PER_ADDRESS },
        bodyLimit: 16_384,
        schema: {
          summary: 'A router asks for its next certificate, also when its present one has expired',
          tags: ['enrolment'],
          body: renewalRequestSchema,
          response: { 200: identitySchema, ...problems },
        },
      },
      async (request, reply) => reply.headers(NOT_KEPT).send(await enrolment.renew(request.body)),
    );
    done();
  },
  { name: 'enrolment', dependencies: ['@fastify/rate-limit'] },
);

const titles = {
  authorization_pending: 'No parent has entered the code yet',
  slow_down: 'Asked too often',
  expired_token: 'The code is no longer valid',
  access_denied: 'The router was refused',
} as const;

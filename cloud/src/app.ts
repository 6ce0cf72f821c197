import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { activityPlugin } from './activity/routes.ts';
import { alertsPlugin } from './alerts/routes.ts';
import { apiKeyPlugin } from './api-keys/key-plugin.ts';
import { apiKeysPlugin } from './api-keys/routes.ts';
import { auditPlugin } from './audit/routes.ts';
import { cataloguePlugin } from './catalogue/routes.ts';
import { familiesPlugin, sharedPlugin } from './consents/family-routes.ts';
import { consentsPlugin } from './consents/routes.ts';
import { contactsPlugin } from './contacts/routes.ts';
import { type Context, contextPlugin } from './context.ts';
import { fleetPlugin } from './fleet/routes.ts';
import { holidaysPlugin } from './holidays/routes.ts';
import { householdDataPlugin } from './household-data/routes.ts';
import { profilesPlugin } from './households/profile-routes.ts';
import { householdsPlugin } from './households/routes.ts';
import { answerClientError, writeProblem } from './http/client-error.ts';
import { etagPlugin } from './http/etag.ts';
import { healthPlugin } from './http/health.ts';
import { idempotencyPlugin } from './http/idempotency.ts';
import { BODY_LIMIT, limitsPlugin } from './http/limits.ts';
import { openApiPlugin } from './http/openapi.ts';
import { problemOf, problemPlugin } from './http/problem.ts';
import { requestLogPlugin } from './http/request-log.ts';
import { sameOriginPlugin } from './http/same-origin.ts';
import { securityHeadersPlugin } from './http/security-headers.ts';
import { type WebOptions, webPlugin } from './http/web.ts';
import { identityPlugin } from './identity/routes.ts';
import { sessionPlugin } from './identity/session-plugin.ts';
import { joiningPlugin, membersPlugin } from './members/routes.ts';
import { httpMetricsPlugin } from './metrics/http-metrics.ts';
import type { Metrics } from './metrics/metrics.ts';
import { notificationsPlugin } from './notifications/routes.ts';
import { organisationsPlugin } from './organisations/routes.ts';
import { proposalsPlugin } from './proposals/routes.ts';
import { pushPlugin } from './push/routes.ts';
import { requestsPlugin } from './requests/routes.ts';
import { rightsPlugin } from './rights/rights-plugin.ts';
import { routersPlugin } from './routers/routes.ts';
import { streamPlugin } from './stream/routes.ts';
import { usagePlugin } from './usage/routes.ts';
import { webhooksPlugin } from './webhooks/routes.ts';
import { weeklyPlugin } from './weekly/routes.ts';

export type AppOptions = WebOptions & { readonly metrics?: Metrics } & Pick<
    FastifyServerOptions,
    'logger' | 'trustProxy' | 'requestTimeout' | 'serverFactory'
  >;

/** The HTTP side of the cloud, not listening yet; more may be registered until it does. */
export function buildApp(context: Context, { web, metrics, ...server }: AppOptions): FastifyInstance {
  const app = Fastify({
    ...server,
    bodyLimit: BODY_LIMIT,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (error, _request, reply) => writeProblem(reply.raw, problemOf(error)),
    clientErrorHandler: answerClientError,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // A form of another site can send text/plain without asking first; JSON it cannot.
  app.removeContentTypeParser('text/plain');

  app.register(contextPlugin, context);
  app.register(problemPlugin);
  if (metrics !== undefined) app.register(httpMetricsPlugin, { metrics });
  app.register(requestLogPlugin);
  app.register(securityHeadersPlugin);
  app.register(limitsPlugin);
  app.register(rightsPlugin);
  app.register(openApiPlugin);
  app.register(healthPlugin);
  app.register(parentsApi, { prefix: '/api/v1' });
  app.register(webPlugin, { web });
  return app;
}

/** What pages of the parents' UI ask, with the session of their cookie and from this site only. */
function parentsApi(api: FastifyInstance, _options: object, done: () => void): void {
  api.register(etagPlugin);
  api.register(sameOriginPlugin);
  api.register(sessionPlugin);
  api.register(apiKeyPlugin);
  api.register(identityPlugin);
  api.register(joiningPlugin);
  api.register(cataloguePlugin);
  api.register(contactsPlugin);
  api.register(pushPlugin);
  api.register(organisationsPlugin);
  api.register(fleetPlugin);
  api.register(familiesPlugin);
  api.register(householdApi, { prefix: '/households/:household' });
  done();
}

function householdApi(api: FastifyInstance, _options: object, done: () => void): void {
  api.register(idempotencyPlugin);
  api.register(householdsPlugin);
  api.register(membersPlugin);
  api.register(profilesPlugin);
  api.register(routersPlugin);
  api.register(requestsPlugin);
  api.register(activityPlugin);
  api.register(usagePlugin);
  api.register(holidaysPlugin);
  api.register(proposalsPlugin);
  api.register(alertsPlugin);
  api.register(notificationsPlugin);
  api.register(weeklyPlugin);
  api.register(consentsPlugin);
  api.register(sharedPlugin);
  api.register(auditPlugin);
  api.register(householdDataPlugin);
  api.register(apiKeysPlugin);
  api.register(webhooksPlugin);
  api.register(streamPlugin);
  done();
}

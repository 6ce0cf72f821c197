import fp from 'fastify-plugin';

/**
 * One line for each answer: which route, how it went, how long it took. Neither the address of the page nor that of the
 * sender is in it: the log of a service for families must not be a record of them.
 */
export const requestLogPlugin = fp(
  (app, _options, done) => {
    app.addHook('onResponse', (request, reply, next) => {
      const { url: route, method } = request.routeOptions;
      request.log.info(
        { method, route: route ?? null, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
        'answered',
      );
      next();
    });
    done();
  },
  { name: 'request-log' },
);

import swagger from '@fastify/swagger';
import fp from 'fastify-plugin';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** Describes the routes that are registered after it, from their schemas. */
export const openApiPlugin = fp(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Khiên',
          description: "The parents' API and the enrolment of routers.",
          version: '1',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
      },
      transform: jsonSchemaTransform,
    });
    app.get('/api/v1/openapi.json', { config: { right: 'public' }, schema: { hide: true } }, () =>
      app.swagger(),
    );
  },
  { name: 'openapi' },
);

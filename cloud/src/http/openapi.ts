import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyContextConfig, FastifySchema } from 'fastify';
import fp from 'fastify-plugin';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { errorCatalogue } from '../errors.ts';
import { cookieName } from '../identity/cookies.ts';
import { keyScopesFor } from '../rights/right.ts';

/** What every operation has in common, and is therefore said once. */
const description = `The parents' API and the enrolment of routers.

**Who asks.** A browser has the cookie of its session, and says by Fetch Metadata or \`Origin\` that it is a page of this site.
A program has an API key of a household, \`Authorization: Bearer khien_…\`, and no cookie. What is foreign is 404, what the
role or the key does not include 403.

**Pages.** A list that can grow answers \`items\` and \`next\`. \`next\` is the cursor of the next page, given as \`before\` (or
\`after\` where it is sorted upwards); null where there is none. Cursors stay good while the list grows; their form is nobody's
business.

**Once.** What changes something below a household takes an \`Idempotency-Key\` of 1 to 64 printable characters. The same
request with the same key is done once and answered the same for 24 hours, with \`Idempotency-Replayed: true\`. What was
refused (4xx) changed nothing, and is done when it is sent again.

**As seen.** A document says its \`ETag\`. With \`If-None-Match\` it is not sent again (304); where \`If-Match\` is taken, it is
changed only as it was seen (412 \`PRECONDITION_FAILED\`).

**Webhooks** are signed as standardwebhooks.com says. Their body is \`type\`, \`timestamp\` and \`data\` with ids.

**Errors** are RFC 9457 problems. \`code\` is stable:

| code | status | |
| --- | --- | --- |
${Object.entries(errorCatalogue)
  .filter(([, { status }]) => status !== 500)
  .map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`)
  .join('\n')}
| \`UNEXPECTED\` | 500 | ${errorCatalogue.UNEXPECTED.title} |
`;

const idempotencyKey = {
  type: 'string',
  pattern: '^[!-~]{1,64}$',
  description: 'The same request with the same key is done once.',
  examples: ['01JX7Q3Y5N8K2V4W6Z9B1C3D5F'],
} as const;
const ifNoneMatch = { type: 'string', description: 'An `ETag`: 304 where it is still that.' } as const;

const notModified = { type: 'null', description: 'It is what the tag says' } as const;

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;

/** Which credentials open the route: any one of these. */
function securityOf({ right, forKeys }: FastifyContextConfig): Record<string, string[]>[] {
  if (right === undefined || right === 'public') return [];
  const scopes = keyScopesFor(right, forKeys === true);
  return [{ session: [] }, ...(scopes.length === 0 ? [] : [{ apiKey: [...scopes] }])];
}

/** Adds to a route's own schema what its place and its configuration say. */
const transform: Transform = (input) => {
  const { schema, url } = jsonSchemaTransform(input);
  const { config = {}, method } = input.route;
  const properties: Record<string, object> = {};
  const writes = [method].flat().some((one) => !['GET', 'HEAD', 'OPTIONS'].includes(one));
  if (writes && url.startsWith('/api/v1/households/:household')) {
    properties['idempotency-key'] = idempotencyKey;
  }
  const tagged = config.etag === true;
  if (tagged) properties['if-none-match'] = ifNoneMatch;
  const own = headersOf(schema);
  const headers = { type: 'object', properties: { ...own, ...properties } };
  const described: FastifySchema & { security: Record<string, string[]>[] } = {
    ...schema,
    security: securityOf(config),
    ...(Object.keys(headers.properties).length === 0 ? {} : { headers }),
    ...(tagged ? { response: { ...responsesOf(schema), 304: notModified } } : {}),
  };
  return { schema: described, url };
};

function responsesOf({ response }: FastifySchema): object {
  return typeof response === 'object' && response !== null ? response : {};
}

function headersOf({ headers }: FastifySchema): object {
  const own =
    typeof headers === 'object' && headers !== null && 'properties' in headers ? headers.properties : {};
  return typeof own === 'object' && own !== null ? own : {};
}

/** Describes the routes that are registered after it, from their schemas. */
export const openApiPlugin = fp(
  async (app) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Khiên',
          description,
          version: '1',
          license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        },
        servers: [{ url: app.cloud.publicUrl.origin }],
        components: {
          securitySchemes: {
            session: { type: 'apiKey', in: 'cookie', name: cookieName(app.cloud.publicUrl) },
            apiKey: {
              type: 'http',
              scheme: 'bearer',
              bearerFormat: 'khien_…',
              description: 'A key of one household. Its scopes: `read`, `care`.',
            },
          },
        },
      },
      transform,
    });
    app.get('/api/v1/openapi.json', { config: { right: 'public' }, schema: { hide: true } }, () =>
      app.swagger(),
    );
  },
  { name: 'openapi', dependencies: ['context'] },
);

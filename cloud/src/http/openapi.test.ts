import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { TestCloud } from '../cloud.fixture.ts';
import { errorCatalogue } from '../errors.ts';

/* As much of the OpenAPI Specification 3.1.0 as this description uses. */

const schemaSchema = z.union([z.boolean(), z.record(z.string(), z.unknown())]);
const contentSchema = z.record(
  z.string().regex(/^[\w-]+\/[\w+-]+$/),
  z.object({ schema: schemaSchema.optional() }),
);
const responseSchema = z.strictObject({
  description: z.string(),
  headers: z.record(z.string(), z.unknown()).optional(),
  content: contentSchema.optional(),
});
const parameterSchema = z
  .object({
    name: z.string(),
    in: z.enum(['path', 'query', 'header', 'cookie']),
    required: z.boolean().optional(),
    schema: schemaSchema,
  })
  .refine((one) => one.in !== 'path' || one.required === true, 'a path parameter is required');
const operationSchema = z.strictObject({
  summary: z.string().min(5),
  tags: z.array(z.string()).min(1),
  parameters: z.array(parameterSchema).optional(),
  requestBody: z.strictObject({ required: z.boolean().optional(), content: contentSchema }).optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  responses: z.record(z.string().regex(/^([1-5]\d\d|[1-5]XX|default)$/), responseSchema),
});
const documentSchema = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.url() })),
  components: z.strictObject({
    schemas: z.record(z.string(), schemaSchema).optional(),
    securitySchemes: z.record(z.string(), z.object({ type: z.enum(['apiKey', 'http']) })),
  }),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'head', 'put', 'post', 'patch', 'delete', 'options']), operationSchema),
  ),
});

let cloud: TestCloud;
let document: z.infer<typeof documentSchema>;
beforeAll(async () => {
  cloud = await TestCloud.start();
  const response = await cloud.app.inject({ url: '/api/v1/openapi.json' });
  document = documentSchema.parse(response.json());
});
afterAll(() => cloud.stop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );

test('every operation tells of problems', () => {
  const without = operations().filter(({ operation }) => !('4XX' in operation.responses));
  expect(without.map(({ name }) => name)).toEqual([]);
});

test('the stream of events is one', () => {
  const stream = document.paths['/api/v1/households/{household}/stream']?.get;
  expect(Object.keys(stream?.responses['200']?.content ?? {})).toEqual(['text/event-stream']);
});

test('what may be asked for by its tag may be answered with 304', () => {
  const tagged = operations().filter(({ operation }) =>
    operation.parameters?.some(({ name }) => name === 'if-none-match'),
  );
  expect(tagged.length).toBeGreaterThan(3);
  expect(tagged.filter(({ operation }) => !('304' in operation.responses)).map(({ name }) => name)).toEqual(
    [],
  );
});

test('every parameter of an address is described, and no other', () => {
  for (const { name, path, operation } of operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
    const described = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name);
    expect(described.sort(), name).toEqual(inPath.sort());
  }
});

test('every reference leads somewhere', () => {
  const known = Object.keys(document.components.schemas ?? {}).map((name) => `#/components/schemas/${name}`);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? '');
  expect(references.filter((to) => !known.includes(to) && !to.startsWith('#/'))).toEqual([]);
});

test('every error that is answered is listed', () => {
  const answered = Object.entries(errorCatalogue).filter(([, { status }]) => status !== 500);
  for (const [code, { status }] of answered) {
    expect(document.info.description).toContain(`| \`${code}\` | ${status} |`);
  }
});

test('what a key opens says with which scope; what changes something takes an idempotency key', () => {
  const of = (path: string, method: 'get' | 'patch' | 'post') =>
    document.paths[`/api/v1/households/{household}${path}`]?.[method];
  expect(of('', 'get')?.security).toEqual([{ session: [] }, { apiKey: ['read', 'care'] }]);
  expect(of('/profiles/{profile}', 'patch')?.security).toEqual([{ session: [] }, { apiKey: ['care'] }]);
  expect(of('/api-keys', 'post')?.security).toEqual([{ session: [] }]);
  expect(document.paths['/api/v1/catalogue']?.get?.security).toEqual([]);
  const headers = (of('/profiles/{profile}', 'patch')?.parameters ?? [])
    .filter((one) => one.in === 'header')
    .map(({ name }) => name);
  expect(headers.sort()).toEqual(['idempotency-key', 'if-match']);
});

/** Lists that the household's own limits keep short: they come whole. */
const WHOLE = [
  '/families', // the worker's own consents
  '/organisations',
  '/account/duties',
  '/account/sessions',
  '/households/{household}/api-keys',
  '/households/{household}/consents',
  '/households/{household}/holidays',
  '/households/{household}/invitations',
  '/households/{household}/members',
  '/households/{household}/proposals',
  '/households/{household}/rules',
  '/households/{household}/webhooks',
  '/households/{household}/weekly',
];

test('every list comes in pages, or is kept short', () => {
  const listSchema = z.object({ properties: z.object({ items: z.object({ type: z.literal('array') }) }) });
  const unpaged = operations().flatMap(({ name, path, operation }) => {
    const schema = operation.responses['200']?.content?.['application/json']?.schema;
    if (!name.startsWith('GET') || !listSchema.safeParse(schema).success) return [];
    const cursor = operation.parameters?.some((one) => one.name === 'before' || one.name === 'after');
    return cursor ? [] : [path.slice('/api/v1'.length)];
  });
  expect(unpaged.sort()).toEqual([...WHOLE].sort());
});

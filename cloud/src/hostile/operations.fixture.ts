import type { FastifyInstance, InjectOptions } from 'fastify';
import { z } from 'zod';
import { type Schema, schemaSchema } from './schema-arbitrary.fixture.ts';

const operationSchema = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string(), schema: schemaSchema })).optional(),
  requestBody: z
    .object({ content: z.object({ 'application/json': z.object({ schema: schemaSchema }) }) })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});
const descriptionSchema = z.object({
  paths: z.record(
    z.string(),
    z.partialRecord(z.enum(['get', 'post', 'put', 'patch', 'delete']), operationSchema),
  ),
});

export interface Operation {
  readonly method: NonNullable<InjectOptions['method']>;
  readonly path: string;
  readonly query: Readonly<Record<string, Schema>>;
  readonly body: Schema | undefined;
  /** Statuses that it may be answered with: `204`, `4XX`. */
  readonly answers: readonly string[];
}

/** Everything that the API describes. */
export function operations(app: FastifyInstance): Operation[] {
  const { paths } = descriptionSchema.parse(app.swagger());
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).parse(method.toUpperCase()),
      path,
      query: Object.fromEntries(
        parameters.filter((one) => one.in === 'query').map((one) => [one.name, one.schema]),
      ),
      body: requestBody?.content['application/json'].schema,
      answers: Object.keys(responses),
    })),
  );
}

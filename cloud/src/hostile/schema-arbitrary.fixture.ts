import fc from 'fast-check';
import { z } from 'zod';

/** As much of JSON Schema 2020-12 as the API's description uses. */
export interface Schema {
  readonly type?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly pattern?: string | undefined;
}

export const schemaSchema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    properties: z.record(z.string(), schemaSchema).optional(),
    required: z.array(z.string()).optional(),
    items: schemaSchema.optional(),
    anyOf: z.array(schemaSchema).optional(),
    oneOf: z.array(schemaSchema).optional(),
    allOf: z.array(schemaSchema).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    maxItems: z.number().optional(),
    pattern: z.string().optional(),
  }),
);

/** Texts that have broken somebody's parser, path, query or page. */
export const nastyTexts: readonly string[] = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202e\u0000\uffff',
  '../../../../etc/passwd',
  '%2e%2e%2f%00',
  "' or '1'='1' --",
  '"; drop table household; --',
  '{{7*7}}<script>alert(1)</script>',
  '\r\nset-cookie: a=b',
  '__proto__',
  'constructor',
  'NaN',
  '-0',
  '1e309',
  '9007199254740993',
  'null',
  'x'.repeat(5_000),
  'ấ'.repeat(1_000),
];

const nastyValues: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  -1e308,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: { admin: true }, constructor: { prototype: {} } },
  Array.from({ length: 2_000 }, () => 0),
];

export const nastyText: fc.Arbitrary<string> = fc.constantFrom(...nastyTexts);
const nasty: fc.Arbitrary<unknown> = fc.oneof(nastyText, fc.constantFrom(...nastyValues));

/**
 * What the schema asks for, and now and then not.
 *
 * @param ids that are put where an id may stand
 * @param evil how many of a hundred values are not what the schema asks for
 */
export function bodyFor(schema: Schema, ids: fc.Arbitrary<string>, evil: number): fc.Arbitrary<unknown> {
  const good = goodFor(schema, ids, evil);
  return evil === 0
    ? good
    : fc.oneof({ weight: 100 - evil, arbitrary: good }, { weight: evil, arbitrary: nasty });
}

function goodFor(schema: Schema, ids: fc.Arbitrary<string>, evil: number): fc.Arbitrary<unknown> {
  const inner = (one: Schema): fc.Arbitrary<unknown> => bodyFor(one, ids, evil);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(inner));
  if (schema.allOf !== undefined) {
    return fc.tuple(...schema.allOf.map(inner)).map((parts): unknown => Object.assign({}, ...parts));
  }
  switch (schema.type) {
    case 'object':
      return objectFor(schema, inner);
    case 'array':
      return fc.array(inner(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 4, 4) });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: bounded(schema.minimum, 0), max: bounded(schema.maximum, 10_000) });
    case 'number':
      return fc.double({ min: bounded(schema.minimum, 0), max: bounded(schema.maximum, 1e6), noNaN: true });
    case 'null':
      return fc.constant(null);
    default:
      return fc.oneof(ids, matching(schema.pattern), fc.string({ maxLength: 40 }));
  }
}

function objectFor(
  { properties = {}, required = [] }: Schema,
  inner: (one: Schema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)]));
  return fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
}

function bounded(limit: number | undefined, otherwise: number): number {
  return limit === undefined || Math.abs(limit) > 2 ** 31 ? otherwise : limit;
}

function matching(pattern: string | undefined): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.constantFrom('Mai', 'a@example.vn', '2026-06-01', '22:00', 'tiktok');
  try {
    return fc.stringMatching(new RegExp(pattern));
  } catch {
    // A pattern with what fast-check cannot turn round.
    return fc.constantFrom('02:00:00:00:00:09', 'example.com');
  }
}

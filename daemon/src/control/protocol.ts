import { dnsNameSchema } from '@khien/shared/name';
import * as z from 'zod/mini';

/*
 * What is spoken on the control socket: the client sends one line of JSON, the daemon answers with one and closes. A
 * request that is none, or not in time, ends in an answer with an error code or in nothing at all.
 */

/** Bytes of a request, with the end of its line. */
export const MAX_REQUEST_BYTES = 4096;
/** Bytes of an answer. */
export const MAX_ANSWER_BYTES = 1 << 20;

export const controlRequestSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('status') }),
  z.strictObject({
    ask: z.literal('explain'),
    name: dnsNameSchema,
    /** A MAC, an IP address, a device's or a child's name; every managed device where absent. */
    device: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
  }),
]);
export type ControlRequest = z.infer<typeof controlRequestSchema>;
export type ExplainRequest = Extract<ControlRequest, { ask: 'explain' }>;

export const controlAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), answer: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.string().check(z.maxLength(64)),
    message: z.string(),
  }),
]);
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** The value of a JSON text; undefined where it is none, which no schema here takes. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { isKhienError, KhienError } from '@khien/shared/error';
import type { FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type ErrorCode, errorCatalogue, isErrorCode } from '../errors.ts';
import { type Problem, problemSchema } from '../problem.schema.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** For the `response` of a route's schema: what every route may answer besides its own. */
export const problems = { '4xx': problemSchema, '5xx': problemSchema } as const;

type Fields = NonNullable<Problem['fields']>;

/** An input that fits its schema and still cannot be. `pointer` is a JSON pointer (RFC 6901) into the body. */
export function invalidInput(pointer: string, message: string): KhienError {
  const fields: Fields = [{ pointer, message }];
  return new KhienError('INVALID_INPUT', `${pointer}: ${message}`, { details: { fields } });
}

export function notFound(what: string): KhienError {
  return new KhienError('NOT_FOUND', `there is no such ${what}`);
}

export function problem(code: ErrorCode, detail?: string, fields?: Fields): Problem {
  const { status, title } = errorCatalogue[code];
  return {
    type: 'about:blank',
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(fields === undefined ? {} : { fields }),
  };
}

const byFastifyCode: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_BODY',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

const byStatus: Readonly<Record<number, ErrorCode>> = {
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'TOO_MANY_REQUESTS',
  503: 'UNAVAILABLE',
};

/** What a client is told of an error. Of anything that is not in the catalogue it learns nothing but `UNEXPECTED`. */
export function problemOf(error: unknown): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    // An address with an id that is no id leads nowhere, just as one whose id is unknown.
    if (error.validationContext === 'params') return problem('NOT_FOUND');
    const fields = error.validation.map(({ instancePath, message }) => ({
      pointer: instancePath === '/' ? '' : instancePath,
      message: message ?? '',
    }));
    return problem('INVALID_INPUT', undefined, fields);
  }
  if (isKhienError(error)) return problemOfKhienError(error);
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') {
    return problem('UNEXPECTED');
  }
  const code = 'code' in error && typeof error.code === 'string' ? byFastifyCode[error.code] : undefined;
  if (code !== undefined) return problem(code);
  if (error instanceof SyntaxError && error.statusCode === 400) return problem('MALFORMED_BODY');
  if (error.statusCode >= 400 && error.statusCode < 500)
    return problem(byStatus[error.statusCode] ?? 'BAD_REQUEST');
  return problem(byStatus[error.statusCode] ?? 'UNEXPECTED');
}

function problemOfKhienError(error: KhienError): Problem {
  if (!isErrorCode(error.code) || errorCatalogue[error.code].status === 500) return problem('UNEXPECTED');
  // What went wrong with us, and where the database is, is for the log.
  if (errorCatalogue[error.code].status > 500) return problem(error.code);
  const fields = problemSchema.shape.fields.safeParse(error.details.fields);
  return problem(error.code, error.message, fields.data);
}

/** When who was told 503 may ask again, seconds (RFC 9110 §10.2.3): a database that was restarted is back by then. */
const RETRY_AFTER = 2;

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  if (body.status === 503) reply.header('retry-after', RETRY_AFTER);
  return reply.code(body.status).type(PROBLEM_TYPE).serializer(JSON.stringify).send(body);
}

/** Answers every error as a problem (RFC 9457). */
export const problemPlugin = fp(
  (app, _options, done) => {
    app.setErrorHandler((error, request, reply) => {
      const body = problemOf(error);
      if (body.status >= 500) request.log.error({ err: error }, 'a request failed');
      return sendProblem(reply, body);
    });
    done();
  },
  { name: 'problem' },
);

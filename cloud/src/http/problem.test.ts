import { KhienError } from '@khien/shared/error';
import { expect, test } from 'vitest';
import { problemSchema } from '../problem.schema.ts';
import { invalidInput, problemOf } from './problem.ts';

test('a coded error is told with its detail', () => {
  expect(problemOf(new KhienError('ALREADY_ANSWERED', 'somebody was first'))).toEqual({
    type: 'about:blank',
    title: 'The request was answered already',
    status: 409,
    code: 'ALREADY_ANSWERED',
    detail: 'somebody was first',
  });
  expect(problemOf(invalidInput('/rules/0', 'no such rule'))).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ pointer: '/rules/0', message: 'no such rule' }],
  });
});

test.each([
  ['an unknown code', new KhienError('SOMETHING_NEW', 'select * from account')],
  ['a fault of the store', new KhienError('STORE_UNREADABLE', '/var/lib/khien.sqlite')],
  [
    'an error of the database',
    Object.assign(new Error('UNIQUE constraint failed: account.email'), { code: 'SQLITE_CONSTRAINT' }),
  ],
  ['a slip', new TypeError("Cannot read properties of undefined (reading 'password_hash')")],
  ['a text', 'select'],
  ['nothing', undefined],
])('of %s nothing is told', (_what, error) => {
  const problem = problemSchema.parse(problemOf(error));
  expect(problem).toEqual({
    type: 'about:blank',
    title: 'Something went wrong',
    status: 500,
    code: 'UNEXPECTED',
  });
});

test('of a store that is away nothing is told of where it is', () => {
  const error = new KhienError('STORE_UNAVAILABLE', 'connect ECONNREFUSED 10.0.0.5:5432');
  expect(problemOf(error)).toEqual({
    type: 'about:blank',
    title: 'The database does not answer; try again',
    status: 503,
    code: 'STORE_UNAVAILABLE',
  });
});

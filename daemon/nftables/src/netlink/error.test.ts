import { expect, it } from 'vitest';
import { errorCode, failure, isNetlinkError, NetlinkError } from './error.ts';

it('names the errors that the kernel reports', () => {
  expect([2, 1, 11, 12, 16, 17, 22, 23, 28, 34, 71, 90, 95, 105].map(errorCode)).toEqual([
    'ENOENT',
    'EPERM',
    'EAGAIN',
    'ENOMEM',
    'EBUSY',
    'EEXIST',
    'EINVAL',
    'ENFILE',
    'ENOSPC',
    'ERANGE',
    'EPROTO',
    'EMSGSIZE',
    'EOPNOTSUPP',
    'ENOBUFS',
  ]);
  expect(errorCode(4000)).toBe('E4000');
});

it('lists the first failures and counts the others', () => {
  const failures = Array.from({ length: 7 }, (_, index) => failure(17, `add rule ${index}`));
  const [first, ...others] = failures;
  if (first === undefined) throw new Error('none');
  const error = NetlinkError.refused(first, others);
  expect(error.message).toBe(
    'add rule 0: EEXIST; add rule 1: EEXIST; add rule 2: EEXIST; add rule 3: EEXIST; add rule 4: EEXIST; and 2 more',
  );
  expect(error.failures).toEqual(failures);
  expect(isNetlinkError(error)).toBe(true);
  expect(isNetlinkError(error, 'EEXIST')).toBe(true);
  expect(isNetlinkError(error, 'ENOENT')).toBe(false);
  expect(isNetlinkError(new Error('EEXIST'), 'EEXIST')).toBe(false);
});

it('knows the number of its code also when no message was refused', () => {
  expect(new NetlinkError('EMSGSIZE', 'too large')).toMatchObject({ errno: 90, failures: [] });
  expect(new NetlinkError('EWHATEVER', 'odd').errno).toBe(0);
});

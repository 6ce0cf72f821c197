import { normalizeIP } from '@fastify/rate-limit';
import { isKhienError, KhienError } from '@khien/shared/error';
import { MINUTE } from '@khien/shared/policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** By address: a household behind one router, or a few, but not a machine that guesses. */
export const SIGN_UP_LIMIT = { max: 20, timeWindow: MINUTE };
export const SIGN_IN_LIMIT = { max: 30, timeWindow: MINUTE };
/** Passwords of one account: from one address, … */
const FROM_ADDRESS = { max: 10, timeWindow: 15 * MINUTE };
/** … and from all browsers together that it was never signed in from. Its owner's own is not kept out by them, … */
const FROM_STRANGERS = { max: 50, timeWindow: 60 * MINUTE };
/** … and counts as a stranger's after so many, so that nobody comes before all others with an account of their own. */
const FROM_KNOWN = { max: 30, timeWindow: 15 * MINUTE };
/** How many emails one address may find to be taken. */
const TAKEN = { max: 5, timeWindow: 60 * MINUTE };

export type Limit = ReturnType<FastifyInstance['createRateLimit']>;

function addressOf(request: FastifyRequest): string {
  return normalizeIP(request.ip ?? 'unknown');
}

/** One try at the password of an account. */
export interface PasswordLimits {
  readonly fromAddress: Limit;
  readonly fromStrangers: Limit;
  readonly fromKnown: Limit;
}

/** @param nameOf what a request tries to sign in to: an email, or the account that is signed in */
export function passwordLimits(
  app: FastifyInstance,
  nameOf: (request: FastifyRequest) => string,
): PasswordLimits {
  return {
    fromAddress: app.createRateLimit({
      ...FROM_ADDRESS,
      keyGenerator: (request) => `${addressOf(request)} ${nameOf(request)}`,
    }),
    fromStrangers: app.createRateLimit({ ...FROM_STRANGERS, keyGenerator: nameOf }),
    fromKnown: app.createRateLimit({ ...FROM_KNOWN, keyGenerator: nameOf }),
  };
}

export function takenLimit(app: FastifyInstance): Limit {
  return app.createRateLimit({ ...TAKEN, keyGenerator: addressOf });
}

/** Does what keeps an email, or is told that it is taken: so often, and no more. @throws KhienError `TOO_MANY_REQUESTS` */
export async function whileUntaken<T>(
  taken: Limit,
  request: FastifyRequest,
  work: () => Promise<T>,
): Promise<T> {
  await spend(taken, request, { increment: false });
  try {
    return await work();
  } catch (error) {
    if (isKhienError(error) && error.code === 'EMAIL_TAKEN') await spend(taken, request);
    throw error;
  }
}

/** Counts a try, or with `increment: false` only looks. @throws KhienError `TOO_MANY_REQUESTS` */
export async function spend(
  limit: Limit,
  request: FastifyRequest,
  options?: { increment: boolean },
): Promise<void> {
  if (!(await isWithin(limit, request, options))) {
    throw new KhienError('TOO_MANY_REQUESTS', 'too many tries');
  }
}

/** Counts a try, or with `increment: false` only looks, and says whether there may be more. */
export async function isWithin(
  limit: Limit,
  request: FastifyRequest,
  options?: { increment: boolean },
): Promise<boolean> {
  const tries = await limit(request, options);
  return tries.isAllowed || !tries.isExceeded;
}

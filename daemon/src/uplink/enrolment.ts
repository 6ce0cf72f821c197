import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  type EnrolmentGrant,
  enrolmentGrantSchema,
  enrolmentPollErrors,
  type Identity,
  identitySchema,
  signEnrolment,
} from '@khien/shared/enrolment';
import { codeOf, KhienError } from '@khien/shared/error';
import * as z from 'zod/mini';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log.ts';
import { BackOff } from './back-off.ts';
import { postJson } from './cloud-http.ts';

const problemSchema = z.object({ code: z.string() });

export interface EnrolmentDeps {
  readonly cloud: { url: string; authority: string | undefined };
  readonly clock: Clock;
  readonly log: Log;
  readonly model: string;
  readonly daemon: string;
  /** The code to show, or null when there is none to show. */
  readonly show: (claimCode: string | null) => void;
}

/**
 * Gets the router its identity: asks for a claim code, shows it, and polls until a parent has entered it (RFC 8628). Goes on
 * for as long as it takes: through outages, and with a new code when one expires.
 *
 * @throws KhienError `KEY_REVOKED`
 */
export async function enrol(
  deps: EnrolmentDeps,
  privateKey: KeyObject,
  stopped: AbortSignal,
): Promise<Identity | undefined> {
  const backOff = new BackOff(1000, 60_000);
  while (!stopped.aborted) {
    try {
      const identity = await enrolOnce(deps, privateKey, stopped, () => backOff.reset());
      if (identity !== undefined) return identity;
    } catch (error) {
      if (codeOf(error) === 'KEY_REVOKED') throw error;
      deps.log.error('enrolment', error);
      await wait(deps.clock, backOff.next(), stopped);
    } finally {
      deps.show(null);
    }
  }
  return undefined;
}

/** One claim code's life. Undefined where it expired unclaimed or the daemon stops. */
async function enrolOnce(
  deps: EnrolmentDeps,
  privateKey: KeyObject,
  stopped: AbortSignal,
  reached: () => void,
): Promise<Identity | undefined> {
  const grant = await askForCode(deps, privateKey);
  reached();
  deps.show(grant.user_code);
  deps.log.info(
    `claim code ${grant.user_code} (enter it in the parents' app; valid ${Math.round(grant.expires_in / 60)} min)`,
  );
  const deadline = deps.clock.now() + grant.expires_in * 1000;
  let interval = grant.interval * 1000;
  while (deps.clock.now() < deadline && !stopped.aborted) {
    await wait(deps.clock, interval, stopped);
    if (stopped.aborted) return undefined;
    const answer = await poll(deps, grant.device_code).catch((error: unknown) => {
      deps.log.warn(`enrolment: ${error instanceof Error ? error.message : String(error)}`);
      return 'slow_down' as const;
    });
    if (typeof answer === 'object') return answer;
    // RFC 8628 §3.5: slow_down adds five seconds for good.
    if (answer === 'slow_down') interval += 5000;
    else if (answer !== 'authorization_pending') return undefined;
  }
  return undefined;
}

async function askForCode(deps: EnrolmentDeps, privateKey: KeyObject): Promise<EnrolmentGrant> {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64url');
  const request = signEnrolment(
    { publicKey, model: deps.model, daemon: deps.daemon, at: deps.clock.now() },
    privateKey,
  );
  const answer = await postJson(new URL('/api/v1/enrolment', deps.cloud.url), request, deps.cloud.authority);
  const grant = enrolmentGrantSchema.safeParse(answer.body);
  if (grant.success && answer.status < 300) return grant.data;
  throw unexpected(answer);
}

type PollError = (typeof enrolmentPollErrors)[number];

async function poll(deps: EnrolmentDeps, deviceCode: string): Promise<Identity | PollError> {
  const url = new URL('/api/v1/enrolment/token', deps.cloud.url);
  const answer = await postJson(url, { device_code: deviceCode }, deps.cloud.authority);
  if (answer.status === 200) {
    const identity = identitySchema.safeParse(answer.body);
    if (identity.success) return identity.data;
  }
  const problem = problemSchema.safeParse(answer.body);
  const code = enrolmentPollErrors.find((candidate) => problem.success && problem.data.code === candidate);
  if (code === undefined) throw unexpected(answer);
  return code;
}

function unexpected(answer: { status: number; body: unknown }): KhienError {
  const problem = problemSchema.safeParse(answer.body);
  if (problem.success && problem.data.code === 'KEY_REVOKED') {
    return new KhienError('KEY_REVOKED', "this router's key was revoked");
  }
  const code = problem.success ? problem.data.code : 'no code';
  return new KhienError('CLOUD_ANSWER_INVALID', `the cloud answered ${answer.status} (${code})`);
}

function wait(clock: Clock, milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) return resolve();
    const done = (): void => {
      cancel();
      stopped.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(milliseconds, done);
    stopped.addEventListener('abort', done);
  });
}

import { type KeyObject, X509Certificate } from 'node:crypto';
import { type Identity, identitySchema, signRenewal } from '@khien/shared/enrolment';
import { codeOf, KhienError } from '@khien/shared/error';
import type { Instant } from '@khien/shared/id';
import * as z from 'zod/mini';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log.ts';
import { BackOff } from './back-off.ts';
import { postJson } from './cloud-http.ts';

/** How often it is looked whether the time has come (ms). */
const LOOK = 3_600_000;
const DAY = 24 * LOOK;
/** Between tries that fail (ms). */
const FIRST_RETRY = 60_000;
const LONGEST_RETRY = 6 * 3_600_000;

const problemSchema = z.object({ code: z.string() });

export interface RenewalDeps {
  readonly cloud: { readonly url: string; readonly authority: string | undefined };
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: Identity;
  readonly privateKey: KeyObject;
  /** Takes the next identity into use. */
  readonly renewed: (identity: Identity) => Promise<void>;
  /** The cloud renews it no more: a parent must claim the router again. */
  readonly tooOld: () => void;
}

/**
 * Asks for the next certificate long before the present one ends. Where the router's clock is not to be trusted it is the
 * cloud that notices the end, and hangs up; then it is asked for at once.
 */
export class Renewal {
  readonly #deps: RenewalDeps;
  readonly #backOff = new BackOff(FIRST_RETRY, LONGEST_RETRY);
  #cancel: () => void = () => undefined;
  #stopped = true;
  #asking = false;
  #cancelRest: () => void = () => undefined;
  #resting = false;
  /** One of the time when certificates had no such date is renewed on its first day. */
  readonly #dueAt: Instant;

  constructor(deps: RenewalDeps) {
    this.#deps = deps;
    this.#dueAt = deps.identity.renewAt ?? deps.clock.now() + Math.random() * DAY;
  }

  start(): void {
    this.#stopped = false;
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#cancelRest();
  }

  /** The cloud says that the certificate has expired. */
  expired(): void {
    void this.#renew();
  }

  #look(): void {
    const { clock } = this.#deps;
    this.#cancel();
    this.#cancel = clock.after(Math.round(LOOK * (0.5 + Math.random())), () => this.#look());
    if (clock.now() >= this.#dueAt && clock.source() !== 'unsynced') void this.#renew();
  }

  async #renew(): Promise<void> {
    const { clock, log, renewed, tooOld } = this.#deps;
    if (this.#asking || this.#stopped || this.#resting) return;
    this.#asking = true;
    try {
      const identity = await this.#ask();
      if (this.#stopped) return;
      log.info('the certificate was renewed');
      await renewed(identity);
    } catch (error) {
      log.warn(`the certificate could not be renewed: ${error instanceof Error ? error.message : error}`);
      if (codeOf(error) === 'CERTIFICATE_TOO_OLD') tooOld();
      this.#resting = true;
      this.#cancelRest = clock.after(Math.round(this.#backOff.next()), () => {
        this.#resting = false;
        this.#look();
      });
    } finally {
      this.#asking = false;
    }
  }

  async #ask(): Promise<Identity> {
    const { cloud, clock, identity, privateKey } = this.#deps;
    const request = signRenewal({ certificate: identity.certificate, at: clock.now() }, privateKey);
    const url = new URL('/api/v1/enrolment/renewal', cloud.url);
    const answer = await postJson(url, request, cloud.authority);
    const next = identitySchema.safeParse(answer.body);
    if (answer.status !== 200 || !next.success) {
      const problem = problemSchema.safeParse(answer.body);
      const code = problem.success ? problem.data.code : 'CLOUD_ANSWER_INVALID';
      throw new KhienError(code, `the cloud answered ${answer.status} (${code})`);
    }
    const isOurs =
      next.data.router === identity.router &&
      new X509Certificate(next.data.certificate).checkPrivateKey(privateKey);
    if (!isOurs) throw new KhienError('CLOUD_ANSWER_INVALID', 'the certificate is for another router');
    return next.data;
  }
}

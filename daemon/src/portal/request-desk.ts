import type { EventOf } from '@khien/shared/event';
import { type Id, type Instant, newId } from '@khien/shared/id';
import type { Answer, Device, Profile, Used } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import { askableNow } from './askable.ts';
import { type Askable, type RequestForm, sameAskable } from './request-form.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Without an answer for so long, a child may ask again. */
const PENDING_HOLDS = 30 * MINUTE;
const TIME_PER_HOUR = 5;
const REPEAT = MINUTE;
/** Different calls for help of one device within an hour; more are no child's, and would wear out the flash. */
const HELP_PER_HOUR = 20;
/** A child sees what it asked for so long. */
const SHOWN = 24 * HOUR;
/** Requests remembered, of all children. */
const MAX_FILED = 256;

/** A request that this router has stored. What the child wrote is not kept here. */
export interface Filed {
  readonly request: Id;
  readonly profile: Id;
  readonly device: Id;
  readonly ask: 'time' | 'help';
  readonly minutes: number;
  readonly of: Askable;
  readonly at: Instant;
}

export type Filing =
  | { readonly outcome: 'filed' | 'merged' }
  | {
      readonly outcome: 'refused';
      readonly error: 'TIME_PENDING' | 'TIME_TOO_OFTEN' | 'TIME_NOT_LIMITED' | 'TIME_NOT_SPENT';
    }
  | { readonly outcome: 'failed' };

/** Takes children's requests: keeps them within bounds, and has them stored. A call for help is never refused. */
export class RequestDesk {
  readonly #clock: Clock;
  readonly #used: Used;
  readonly #log: Log;
  readonly #submit: (event: EventOf<'request'>) => Promise<void>;
  #filed: Filed[] = [];
  /** The last call for help of each device, to know a repeat. */
  readonly #lastHelp = new Map<Id, { text: string; at: Instant }>();

  constructor(parts: {
    clock: Clock;
    used: Used;
    log: Log;
    submit: (event: EventOf<'request'>) => Promise<void>;
  }) {
    this.#clock = parts.clock;
    this.#used = parts.used;
    this.#log = parts.log;
    this.#submit = parts.submit;
  }

  /** What a child asked for lately, newest first. */
  of(profile: Id): readonly Filed[] {
    const since = this.#clock.now() - SHOWN;
    return this.#filed.filter((filed) => filed.profile === profile && filed.at > since).reverse();
  }

  /** What time is asked for already, and not answered. */
  pendingTime(profile: Id, answers: readonly Answer[]): Askable[] {
    const waiting = this.of(profile).filter(
      (filed) =>
        filed.ask === 'time' &&
        this.#isSince(filed.at, PENDING_HOLDS) &&
        !answers.some((answer) => answer.request === filed.request),
    );
    return waiting.map(({ of }) => of);
  }

  /** Whether a device asked for it within an hour. */
  filedLately(device: Id, ask: 'time' | 'help'): boolean {
    return this.#count(device, ask) > 0;
  }

  /** Resolves when the request is stored for good, or will not be. */
  async file(
    form: RequestForm,
    child: { profile: Profile; device: Device },
    inForce: InForce,
  ): Promise<Filing> {
    const error = form.ask === 'time' ? this.#refusal(form.of, child, inForce) : undefined;
    if (error !== undefined) return { outcome: 'refused', error };
    if (form.ask === 'help' && this.#isRepeat(form.text, child.device.id)) return { outcome: 'merged' };

    const now = this.#clock.now();
    const filed: Filed = {
      request: newId(now),
      profile: child.profile.id,
      device: child.device.id,
      ask: form.ask,
      minutes: form.minutes,
      of: form.of,
      at: now,
    };
    // Counted before it is stored, so that a second tap meanwhile finds it.
    this.#filed = [...this.#filed, filed].slice(-MAX_FILED);
    if (form.ask === 'help') this.#lastHelp.set(child.device.id, { text: form.text, at: now });
    try {
      const { of, ...told } = filed;
      await this.#submit({
        kind: 'request',
        id: newId(now),
        timeSource: this.#clock.source(),
        text: form.text,
        ...told,
        ...(of === null ? {} : { quota: of }),
      });
      return { outcome: 'filed' };
    } catch (failure) {
      this.#filed = this.#filed.filter((other) => other !== filed);
      if (form.ask === 'help') this.#lastHelp.delete(child.device.id);
      this.#log.error('a request could not be stored', failure);
      return { outcome: 'failed' };
    }
  }

  #refusal(of: Askable, child: { profile: Profile; device: Device }, inForce: InForce) {
    const { answers } = inForce.policy;
    const now = this.#clock.now();
    const pending = this.pendingTime(child.profile.id, answers);
    if (pending.some((other) => sameAskable(other, of))) return 'TIME_PENDING';
    if (this.#count(child.device.id, 'time') >= TIME_PER_HOUR) return 'TIME_TOO_OFTEN';
    const basis = { ...inForce.policy, used: this.#used };
    if (askableNow(child, basis, now).some((other) => sameAskable(other, of))) return undefined;
    return of === null ? 'TIME_NOT_LIMITED' : 'TIME_NOT_SPENT';
  }

  #isRepeat(text: string, device: Id): boolean {
    const last = this.#lastHelp.get(device);
    const same = last !== undefined && last.text === text && this.#isSince(last.at, REPEAT);
    return same || this.#count(device, 'help') >= HELP_PER_HOUR;
  }

  #count(device: Id, ask: 'time' | 'help'): number {
    return this.#filed.filter(
      (filed) => filed.device === device && filed.ask === ask && this.#isSince(filed.at, HOUR),
    ).length;
  }

  /** Whether `at` was less than `time` ago. What is ahead was before the clock was set back: nobody knows how long. */
  #isSince(at: Instant, time: number): boolean {
    const age = this.#clock.now() - at;
    return age >= 0 && age < time;
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { DNS_PORT } from '../../daemon/src/layout.ts';
import type { Attempt, Attempts } from './attempts.ts';
import type { Judgement, Oracle } from './oracle.ts';
import { carriesTransport } from './outside.ts';
import { type Finding, type Place, type Problem, Tally } from './tally.ts';
import type { TestBed } from './test-bed.ts';
import type { Arrival, FrameSender } from './wire.ts';

/** A message that was sent, and what became of it. */
interface Case extends Attempt {
  readonly judgement: Judgement;
  arrivals: number;
}

/** Where a message arrived, and what there is to say of it. */
export interface Replayed extends Judgement {
  readonly at: Place;
  readonly payload: Buffer;
}

type Batch = Map<string, Case>;

const NOTHING = Buffer.alloc(0);
const RESOLVER_PORT = 53;
/** Distinguished by their ids. */
const BATCH = 4096;
/** Milliseconds without an arrival after which nothing more is expected. */
const QUIET = 150;
/** Milliseconds that an incomplete datagram is kept for, in the router of the test bed, and some more. */
const FORGOTTEN = 1500;
const ATTEMPTS = 3;

/**
 * Sends messages from the child's device and looks where each arrives: recorders are in the place of dnsmasq and of the
 * responder, a third outside, where nothing of the device may come.
 */
export class Fuzzer {
  readonly tally = new Tally();
  readonly #sender: FrameSender;
  readonly #online: boolean;
  readonly #oracle: Oracle;
  #batch: Batch = new Map();
  #before: Batch = new Map();
  #awaited = 0;
  #lastArrival = 0;
  #replayed: Replayed[] | undefined;

  private constructor(bed: TestBed, oracle: Oracle) {
    this.#sender = bed.wire.sender(bed.home.device('tablet'), 'eth0');
    this.#online = bed.online;
    this.#oracle = oracle;
  }

  static async start(bed: TestBed, oracle: Oracle): Promise<Fuzzer> {
    const { router, internet } = bed.home;
    await router.dnsmasq.stop();
    const fuzzer = new Fuzzer(bed, oracle);
    await bed.wire.record(router, [RESOLVER_PORT, DNS_PORT], (arrival) => fuzzer.#arrived(arrival));
    await bed.wire.watch(internet, 'home0', (frame) => {
      if (carriesTransport(frame)) fuzzer.tally.leaked(frame);
    });
    return fuzzer;
  }

  /** Sends `count` messages. Stops early when there are more findings than anybody reads. */
  async run(attempts: Attempts, count: number, progress: (sent: number) => void): Promise<void> {
    for (let sent = 0; sent < count && this.tally.findings.length < Tally.most; ) {
      const size = Math.min(BATCH, count - sent);
      this.#begin();
      for (let index = 0; index < size; index++) this.#add(attempts, index);
      await this.#send([...this.#batch.values()]);
      sent += size;
      progress(sent);
    }
    await delay(QUIET);
  }

  /** Sends frames, such as a run has printed, and tells what arrived where. They are not counted. */
  async replay(frames: readonly Buffer[]): Promise<readonly Replayed[]> {
    const arrived: Replayed[] = [];
    this.#replayed = arrived;
    await this.#sender.send(frames);
    await delay(QUIET);
    this.#replayed = undefined;
    return arrived;
  }

  #begin(): void {
    this.#before = this.#batch;
    this.#batch = new Map();
    this.#awaited = 0;
  }

  #add(attempts: Attempts, id: number): void {
    for (;;) {
      const attempt = attempts.next(id);
      const keys = attempt.sent.arrivesAs.map((each) => each.toString('latin1'));
      if (keys.some((key) => this.#batch.has(key))) continue;
      const judgement = this.#oracle.judge(attempt.sent.arrivesAs[0] ?? NOTHING);
      // Without a lease each frame is judged before fragments are put together; only the first shows a port.
      const mustArrive = attempt.sent.mustArrive && (this.#online || attempt.sent.frames.length === 1);
      const added = { ...attempt, sent: { ...attempt.sent, mustArrive }, judgement, arrivals: 0 };
      for (const key of keys) this.#batch.set(key, added);
      return;
    }
  }

  async #send(cases: readonly Case[]): Promise<void> {
    const all = [...new Set(cases)];
    let left = all;
    for (let attempt = 1; attempt <= ATTEMPTS && left.length > 0; attempt++) {
      if (attempt > 1) {
        this.tally.repeated += left.length;
        await delay(left.some(({ sent }) => sent.frames.length > 1) ? FORGOTTEN : QUIET);
      }
      this.#awaited = left.filter(({ sent }) => sent.mustArrive).length;
      await this.#sender.send(left.flatMap(({ sent }) => sent.frames));
      await this.#settled();
      left = all.filter(({ sent, arrivals }) => sent.mustArrive && arrivals === 0);
    }
    for (const each of all) {
      this.tally.sent(each.message, each.envelope);
      if (each.arrivals === 0) this.#lost(each);
    }
  }

  async #settled(): Promise<void> {
    this.#lastArrival = performance.now();
    while (this.#awaited > 0 && performance.now() - this.#lastArrival < QUIET) await delay(2);
  }

  #arrived({ port, payload }: Arrival): void {
    const at = port === RESOLVER_PORT ? 'resolver' : 'responder';
    if (this.#replayed !== undefined) {
      this.#replayed.push({ at, payload: Buffer.from(payload), ...this.#oracle.judge(payload) });
      return;
    }
    const key = payload.toString('latin1');
    const of = this.#batch.get(key) ?? this.#before.get(key);
    this.#lastArrival = performance.now();
    if (of === undefined) {
      const { blocked } = this.#oracle.judge(payload);
      const problem = at === 'resolver' && blocked !== undefined ? 'bypass' : 'changed';
      this.tally.found({
        problem,
        message: 'any',
        envelope: 'any',
        frames: [],
        payload: Buffer.from(payload),
      });
      return;
    }
    if (of.arrivals === 0 && of.sent.mustArrive) this.#awaited--;
    of.arrivals++;
    const judgement = of.sent.arrivesAs[0]?.equals(payload) ? of.judgement : this.#oracle.judge(payload);
    this.tally.arrived(of.message, of.envelope, at, judgement.expected);
    const problem = problemOf(at, judgement);
    if (problem !== undefined) this.tally.found(findingOf(of, problem, payload));
  }

  #lost(of: Case): void {
    this.tally.lost(of.message, of.envelope, of.sent.mustArrive);
    if (of.sent.mustArrive) this.tally.found(findingOf(of, 'lost', of.sent.arrivesAs[0] ?? NOTHING));
  }
}

function problemOf(at: Place, { expected, blocked }: Judgement): Problem | undefined {
  if (expected === 'either' || expected === at) return undefined;
  if (at === 'responder') return 'needless';
  return blocked === undefined ? 'unchecked' : 'bypass';
}

function findingOf(of: Case, problem: Problem, payload: Buffer): Finding {
  const { message, envelope, sent } = of;
  return { problem, message, envelope, frames: sent.frames, payload: Buffer.from(payload) };
}

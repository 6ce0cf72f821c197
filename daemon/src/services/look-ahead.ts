import type { DnsName } from '@khien/shared/name';
import type { Clock } from '../clock/clock.ts';
import type { Query } from '../dns/query.ts';
import { RCODE, TYPE } from '../dns/registry.ts';
import { queryFor } from '../dns/rewrite.ts';
import type { Part } from '../lifecycle.ts';

/** Milliseconds from one host to the next, within a quarter more or less. */
const PACE = 250;
/** A host is looked up again so long after; the registry believes an address longer than that. */
const AGAIN = 40 * 60_000;
/** The same for one that has no address: many names of services are there only for what is below them. */
const AGAIN_WITHOUT = 4 * 3600_000;
/** The resolver does not answer: at boot the Internet comes later than we do. */
const PAUSE = 30_000;
/** Between looks at whether something is due. */
const IDLE = 5000;

export interface LookAheadDeps {
  readonly clock: Clock;
  /** Milliseconds of a steady clock. */
  readonly uptime: () => number;
  /** Hosts to look up, the most important first; asked for whenever one is due. */
  readonly hosts: () => readonly DnsName[];
  /** The resolver's answer; null where it does not answer. */
  readonly ask: (query: Query) => Promise<Buffer | null>;
  readonly learn: (name: DnsName, response: Buffer) => void;
}

/**
 * Looks hosts up before anybody asks for them, so that their addresses are known when one is typed. One host at a time, a
 * few in a second, each a few times in an hour.
 */
export class LookAhead implements Part {
  readonly name = 'look-ahead';
  readonly #deps: LookAheadDeps;
  /** When each host is due, on the steady clock. */
  #due = new Map<DnsName, number>();
  #hosts: readonly DnsName[] = [];
  #cancel: () => void = () => undefined;
  #stopped = true;

  constructor(deps: LookAheadDeps) {
    this.#deps = deps;
  }

  // biome-ignore lint/suspicious/useAwait: nobody waits for the Internet
  async start(): Promise<void> {
    this.#stopped = false;
    this.#wait(PACE);
  }

  // biome-ignore lint/suspicious/useAwait: a Part's stop is asynchronous
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
  }

  #wait(delay: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#deps.clock.after(delay * (0.75 + Math.random() / 2), () => void this.#next());
  }

  async #next(): Promise<void> {
    const host = this.#nextHost();
    if (host === undefined) {
      this.#wait(IDLE);
      return;
    }
    const answers = await Promise.all(
      [TYPE.A, TYPE.AAAA].map((type) => this.#deps.ask(queryFor(host, type))),
    );
    if (this.#stopped) return;
    if (answers.includes(null)) {
      this.#wait(PAUSE);
      return;
    }
    for (const answer of answers) if (answer !== null) this.#deps.learn(host, answer);
    const again = answers.some((answer) => answer !== null && hasAnswers(answer)) ? AGAIN : AGAIN_WITHOUT;
    this.#due.set(host, this.#deps.uptime() + again * (0.75 + Math.random() / 2));
    this.#wait(PACE);
  }

  #nextHost(): DnsName | undefined {
    const hosts = this.#deps.hosts();
    if (hosts !== this.#hosts) {
      this.#hosts = hosts;
      this.#due = new Map(hosts.map((host) => [host, this.#due.get(host) ?? 0]));
    }
    const now = this.#deps.uptime();
    return this.#hosts.find((host) => (this.#due.get(host) ?? 0) <= now);
  }
}

/** Whether there is a record in the answer, or the resolver failed, which says nothing. */
function hasAnswers(response: Buffer): boolean {
  const rcode = response.readUInt16BE(2) & 0xf;
  return response.readUInt16BE(6) > 0 || (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN);
}

import type { Id, Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import type { BlockTarget } from '@khien/shared/policy';
import { PORTAL_ADDRESS } from '../layout.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import { addressBytes } from './address.ts';
import { Admission } from './admission.ts';
import { type Answer, emptyAnswer, errorAnswer, TCP_PAYLOAD, udpPayload, writeAnswer } from './answer.ts';
import { captiveAddress } from './connectivity-check.ts';
import { answerAgain, KeptAnswers } from './kept-answers.ts';
import { type Asked, parseQuery, type Query } from './query.ts';
import { EDE, RCODE, TYPE } from './registry.ts';
import { addressesIn } from './response.ts';
import { aliasAnswer, isTruncated, queryFor } from './rewrite.ts';
import type { Verdict, Verdicts } from './verdict.ts';

/** A blocked name that a device asked for. */
export interface BlockedHit {
  readonly profile: Id;
  readonly device: Id;
  readonly target: BlockTarget;
  /** The whole name asked: to tell a repeat from another try. In memory only, gone with the next policy. */
  readonly name: string;
}

/** Where a query is from and how it came. */
export interface Asker {
  /** Undefined where the device could not be recognised. */
  readonly mac: Mac | undefined;
  /** Source address, as the socket gives it. */
  readonly from: string;
  readonly transport: 'udp' | 'tcp';
}

/** Asks the resolver; null where it does not answer. */
export type Resolve = (query: Query, transport: Asker['transport']) => Promise<Buffer | null>;

/**
 * Told of every answer of the resolver before it is handed on, with the name it is to (as `readQname` writes it), and whether
 * it is of the name's filtered form. What it returns is waited for.
 */
export type Answered = (
  name: string,
  mac: Mac | undefined,
  response: Buffer,
  rewritten: boolean,
) => Promise<void> | undefined;

export interface QueryHandlerParts {
  readonly verdicts: Verdicts;
  readonly inForce: () => InForce;
  readonly resolve: Resolve;
  /** Opens the way to addresses of a help name in the kernel; resolves when it is open. */
  readonly allowHelpAddresses: (addresses: readonly string[]) => Promise<void>;
  readonly blocked: (hit: BlockedHit) => void;
  readonly answered: Answered;
  /** Told of every message that no resolver could read. */
  readonly odd: (mac: Mac) => void;
  readonly log: Log;
}

/** Seconds. A pause may end at any moment, a rule changes at a parent's tap. */
const TTL = { offline: 5, blocked: 10, own: 60, rewritten: 60 } as const;

const UNSPECIFIED_V4 = Buffer.alloc(4);
const UNSPECIFIED_V6 = Buffer.alloc(16);

const NO_RESOLVER = errorAnswer(RCODE.SERVFAIL, {
  code: EDE.NETWORK_ERROR,
  text: 'khien: resolver does not answer',
});
const NO_SAFE_ADDRESS = errorAnswer(RCODE.SERVFAIL, {
  code: EDE.OTHER,
  text: 'khien: safe search has no address',
});
const UNDECIDED = errorAnswer(RCODE.SERVFAIL, { code: EDE.OTHER, text: 'khien: cannot decide' });
const POLICY_UNKNOWN = errorAnswer(RCODE.SERVFAIL, {
  code: EDE.NOT_READY,
  text: 'khien: the policy is not here yet',
});
const TOO_MANY = errorAnswer(RCODE.SERVFAIL, { code: EDE.OTHER, text: 'khien: too many queries at once' });

/** From a message to its answer, whatever transport it came by. */
export class QueryHandler {
  readonly #parts: QueryHandlerParts;
  /** Queries that wait for the resolver. */
  readonly #resolving = new Admission({ total: 1024, perDevice: 128 });
  readonly #kept: KeptAnswers;

  constructor(parts: QueryHandlerParts) {
    this.#parts = parts;
    this.#kept = new KeptAnswers(parts.verdicts);
  }

  /** The answer to send, at once where it is known at once; null for none. Throws nothing, whatever the message is. */
  handle(message: Buffer, asker: Asker): Buffer | null | Promise<Buffer | null> {
    const basis = this.#basisFor(asker);
    const kept = basis && this.#kept.find(basis, message);
    if (kept !== undefined) {
      if (kept.hit !== null) this.#parts.blocked(kept.hit);
      return answerAgain(kept, message);
    }
    const parsed = parseQuery(message);
    if (parsed.kind === 'silence') return null;
    if (parsed.kind === 'invalid') {
      if (parsed.rcode === RCODE.FORMERR && asker.mac !== undefined) this.#parts.odd(asker.mac);
      return write(parsed.asked, asker, errorAnswer(parsed.rcode));
    }
    try {
      return this.#answer(parsed.query, asker, basis);
    } catch (error) {
      // A list that cannot be read must not let through what it may hold.
      this.#parts.log.error('a query could not be decided', error);
      return write(parsed.query, asker, UNDECIDED);
    }
  }

  /** Answers over TCP have another limit, and who asks by it is not in a hurry. */
  #basisFor({ transport, mac }: Asker): object | undefined {
    if (transport === 'tcp') return undefined;
    try {
      return this.#parts.verdicts.basisFor(mac);
    } catch {
      // The same is met, and told, where the query is decided.
      return undefined;
    }
  }

  #answer(query: Query, asker: Asker, basis: object | undefined): Buffer | Promise<Buffer> {
    const verdict = this.#parts.verdicts.of(asker.mac, query.name);
    if (verdict.kind === 'resolve' || verdict.kind === 'help') return this.#resolve(query, asker, verdict);
    if (verdict.kind === 'rewrite') return this.#rewrite(query, asker, verdict.to);
    const hit = verdict.kind === 'blocked' ? this.#hitOf(query, asker, verdict.target) : null;
    if (hit !== null) this.#parts.blocked(hit);
    const answer = write(query, asker, ownAnswer(query, verdict));
    // Time goes on meanwhile: where it has ended, nobody finds or forgets what rests on it.
    const holds = basis !== undefined && basis === this.#basisFor(asker);
    if (holds) this.#kept.keep(basis, query.bytes, answer, hit);
    return answer;
  }

  #resolve(query: Query, asker: Asker, verdict: Verdict): Promise<Buffer> {
    return this.#admitted(query, asker, async () => {
      const response = await this.#parts.resolve(query, asker.transport);
      if (response === null) return write(query, asker, NO_RESOLVER);
      if (verdict.kind === 'help') await this.#openWay(response);
      else await this.#tell(query, asker, response, false);
      return response;
    });
  }

  /** Other types have no data: the hints of an HTTPS record would lead around the addresses (RFC 9460 §7.3). */
  #rewrite(query: Query, asker: Asker, to: DnsName): Buffer | Promise<Buffer> {
    if (query.type !== TYPE.A && query.type !== TYPE.AAAA) {
      return write(query, asker, emptyAnswer(TTL.rewritten));
    }
    return this.#admitted(query, asker, async () => {
      const question = queryFor(to, query.type);
      let response = await this.#parts.resolve(question, asker.transport);
      if (response !== null && isTruncated(response)) {
        response = await this.#parts.resolve(question, 'tcp');
      }
      if (response === null) return write(query, asker, NO_RESOLVER);
      await this.#tell(query, asker, response, true);
      return write(query, asker, aliasAnswer(to, query.type, response, TTL.rewritten) ?? NO_SAFE_ADDRESS);
    });
  }

  /** What `answer` makes, unless too much is being resolved already. */
  async #admitted(query: Query, asker: Asker, answer: () => Promise<Buffer>): Promise<Buffer> {
    const device = asker.mac ?? asker.from;
    if (!this.#resolving.enter(device)) return write(query, asker, TOO_MANY);
    try {
      return await answer();
    } finally {
      this.#resolving.leave(device);
    }
  }

  async #openWay(response: Buffer): Promise<void> {
    const addresses = addressesIn(response);
    if (addresses.length === 0) return;
    try {
      await this.#parts.allowHelpAddresses(addresses);
    } catch (error) {
      // The answer is still of use to a device whose network is on. The words are those of the watch, which looks them up
      // by itself: the log must not tell that somebody asked.
      this.#parts.log.error('addresses of emergency contacts could not be opened', error);
    }
  }

  async #tell({ name }: Query, { mac }: Asker, response: Buffer, rewritten: boolean): Promise<void> {
    try {
      await this.#parts.answered(name, mac, response, rewritten);
    } catch (error) {
      // The answer is still of use to a device that does not study.
      this.#parts.log.error('addresses could not be opened for study', error);
    }
  }

  #hitOf({ name }: Query, { mac }: Asker, target: BlockTarget): BlockedHit | null {
    const managed = mac === undefined ? undefined : this.#parts.inForce().managed(mac);
    if (managed === undefined) return null;
    return { profile: managed.profile.id, device: managed.device.id, target, name };
  }
}

function ownAnswer(
  query: Query,
  verdict: Exclude<Verdict, { kind: 'help' | 'resolve' | 'rewrite' }>,
): Answer {
  switch (verdict.kind) {
    case 'portal':
      return addressAnswer(query.type === TYPE.A ? [addressBytes(PORTAL_ADDRESS)] : [], TTL.own);
    case 'unknown':
      return POLICY_UNKNOWN;
    case 'absent':
      return { ...emptyAnswer(TTL.own), rcode: RCODE.NXDOMAIN };
    case 'empty':
      return emptyAnswer(TTL.own);
    case 'offline':
      return captive(query, verdict.reason === 'schedule' ? 'bedtime' : verdict.reason);
    case 'blocked':
      return filtered(query.type, TTL.blocked, `${verdict.target.kind} ${verdict.target.id}`);
  }
}

function write(asked: Asked, asker: Asker, answer: Answer): Buffer {
  return writeAnswer(asked, answer, asker.transport === 'udp' ? udpPayload(asked) : TCP_PAYLOAD);
}

function addressAnswer(addresses: readonly Buffer[], ttl: number): Answer {
  return { rcode: RCODE.NOERROR, addresses, ttl, ede: null };
}

/** The child's page for every name; the negative answers are of a name that exists. */
function captive({ name, type }: Query, why: string): Answer {
  const ede = { code: EDE.FILTERED, text: `khien: ${why}` };
  const address = captiveAddress(name, type);
  if (address === undefined) return emptyAnswer(TTL.offline, ede);
  return { rcode: RCODE.NOERROR, addresses: [address], ttl: TTL.offline, ede };
}

/** The unspecified address, to which a connection fails at once; no data for other types (RFC 8914 §4.18). */
function filtered(type: number, ttl: number, why: string): Answer {
  const ede = { code: EDE.FILTERED, text: `khien: ${why}` };
  if (type === TYPE.A) return { rcode: RCODE.NOERROR, addresses: [UNSPECIFIED_V4], ttl, ede };
  if (type === TYPE.AAAA) return { rcode: RCODE.NOERROR, addresses: [UNSPECIFIED_V6], ttl, ede };
  return emptyAnswer(ttl, ede);
}

import { BlockList, isIPv6, type Socket } from 'node:net';
import { type Rate, TokenBucket } from './token-bucket.ts';

export interface HandshakeLimits {
  /** Connections of one address that are not let in yet. */
  readonly pending: number;
  /** Connections of one address that did not turn out to be a router's. */
  readonly failures: Rate;
}

/** A connection before it is a router's. */
export interface Arrival {
  readonly socket: Socket;
  readonly address: string;
  /** It does not count, or counts no more, among those of its address that only try. */
  letIn: boolean;
  /** That it is not let in may be our fault. */
  excused: boolean;
}

/** What became of a connection. That it is excused helps none whose address is refused by now for others. */
export type Ending = 'router' | 'excused' | 'failed';

interface Source {
  pending: number;
  readonly failures: TokenBucket;
  /** Until when it is refused, by `performance.now()`. */
  refusedUntil: number;
  /** When its bucket is full again at the latest. */
  forgottenAt: number;
}

/** A source is looked at again after so long, milliseconds. */
const SWEEP = 60_000;

/**
 * Holds each source address to limits before TLS costs anything. Routers that are let in cost nothing, however many share an
 * address (RFC 6598); who only tries is soon refused. Load balancers are exempt, whom they speak for is not.
 */
export class Handshakes {
  readonly #limits: HandshakeLimits;
  readonly #exempt = new BlockList();
  readonly #sources = new Map<string, Source>();
  #sweptAt = 0;

  /** @param exempt addresses or CIDR ranges */
  constructor(limits: HandshakeLimits, exempt: readonly string[]) {
    this.#limits = limits;
    for (const range of exempt) {
      const [address = '', prefix] = range.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#exempt.addAddress(address, family);
      else this.#exempt.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether a connection from there may go on; if so, `leave` must be called once. */
  enter(address: string, now: number): boolean {
    this.#sweep(now);
    const from = sourceOf(address);
    const source = this.#sources.get(from) ?? this.#newSource(now);
    if (now < source.refusedUntil || source.pending >= this.#limits.pending) return false;
    source.pending += 1;
    this.#sources.set(from, source);
    return true;
  }

  leave(address: string, ending: Ending, now: number): void {
    const source = this.#sources.get(sourceOf(address));
    if (source === undefined) return;
    source.pending -= 1;
    if (ending === 'router' || (ending === 'excused' && now >= source.refusedUntil)) return;
    const { burst, perSecond } = this.#limits.failures;
    source.refusedUntil = now + source.failures.take(1, now);
    source.forgottenAt = source.refusedUntil + (burst / perSecond) * 1000;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#sources.size;
  }

  #newSource(now: number): Source {
    const failures = new TokenBucket(this.#limits.failures, now);
    return { pending: 0, failures, refusedUntil: now, forgottenAt: now };
  }

  /** Whether it is a load balancer's, which need not `enter`: all come from it. */
  isExempt(address: string): boolean {
    const plain = address.replace(/^::ffff:/, '');
    return this.#exempt.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < SWEEP) return;
    this.#sweptAt = now;
    for (const [address, source] of this.#sources) {
      if (source.pending === 0 && source.forgottenAt <= now) this.#sources.delete(address);
    }
  }
}

/** Of IPv6 the network: whoever has one address there has 2^64 (RFC 4291 §2.5.1). */
export function sourceOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = [], tail] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  const gap = tail === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<string>(gap).fill('0'), ...(tail ?? [])].slice(0, 4).join(':');
}

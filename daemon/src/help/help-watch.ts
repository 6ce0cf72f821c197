import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { codeOf } from '@khien/shared/error';
import type { Clock } from '../clock/clock.ts';
import type { Part } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import type { InForce } from '../policy/in-force.ts';
import { likelyHosts } from './help-names.ts';

/** Addresses change, but rarely; the sets in the kernel keep those that were. */
const REPEAT = 10 * 60_000;
/** After a round that found nothing: at boot the Internet comes later than we do. */
const RETRY = 20_000;
/** After so many names in a row without any answer the resolver is not there. */
const PATIENCE = 3;

/** What c-ares says where the resolver answers, and has nothing. */
const NOTHING = ['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED'];

export interface HelpWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly inForce: () => InForce;
  /** Calls back when the contacts in force may have changed; the result unsubscribes. */
  readonly onChange: (listener: () => void) => () => void;
  /** Opens the way to addresses in the kernel. */
  readonly allow: (addresses: readonly string[]) => Promise<void>;
  /** The router's own resolver, so that devices get the same addresses from its cache. */
  readonly resolver: { readonly address: string; readonly port: number };
}

/**
 * Knows the addresses of help names before anybody asks for them, so that a device without access reaches them also when
 * this process is gone. Some dozens of queries at the start, after a change of contacts, and now and then; one name at a time.
 */
export class HelpWatch implements Part {
  readonly name = 'help';
  readonly #deps: HelpWatchDeps;
  #resolver = new Resolver();
  #unsubscribe: () => void = () => undefined;
  #cancel: () => void = () => undefined;
  #rounds: Promise<void> = Promise.resolve();
  #hosts: readonly string[] = [];
  #stopped = true;

  constructor(deps: HelpWatchDeps) {
    this.#deps = deps;
  }

  // biome-ignore lint/suspicious/useAwait: nobody waits for the Internet
  async start(): Promise<void> {
    const { address, port } = this.#deps.resolver;
    this.#stopped = false;
    this.#resolver = new Resolver({ timeout: 2000, tries: 2 });
    this.#resolver.setServers([isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`]);
    this.#unsubscribe = this.#deps.onChange(() => this.#changed());
    this.#changed();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#cancel();
    this.#resolver.cancel();
    await this.#rounds;
  }

  #changed(): void {
    const hosts = likelyHosts(this.#deps.inForce().contacts);
    if (String(hosts) === String(this.#hosts)) return;
    this.#hosts = hosts;
    this.#look();
  }

  #look(): void {
    this.#rounds = this.#rounds.then(() => this.#round(this.#hosts));
  }

  async #round(hosts: readonly string[]): Promise<void> {
    this.#cancel();
    const found = await this.#addressesOf(hosts);
    if (this.#stopped || hosts !== this.#hosts) return;
    const opened = await this.#open(found);
    this.#cancel = this.#deps.clock.after(opened ? REPEAT : RETRY, () => this.#look());
  }

  async #addressesOf(hosts: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    let unanswered = 0;
    for (const host of hosts) {
      if (this.#stopped || hosts !== this.#hosts || unanswered >= PATIENCE) break;
      const addresses = await Promise.all([
        this.#resolver.resolve4(host).catch(noneIfAnswered),
        this.#resolver.resolve6(host).catch(noneIfAnswered),
      ]);
      unanswered = addresses.includes(undefined) ? unanswered + 1 : 0;
      found.push(...addresses.flatMap((each) => each ?? []));
    }
    return found;
  }

  /** Whether there is something, and it is open. */
  async #open(addresses: readonly string[]): Promise<boolean> {
    if (addresses.length === 0) return false;
    try {
      await this.#deps.allow(addresses);
      return true;
    } catch (error) {
      this.#deps.log.error('addresses of emergency contacts could not be opened', error);
      return false;
    }
  }
}

function noneIfAnswered(error: unknown): string[] | undefined {
  return NOTHING.includes(codeOf(error)) ? [] : undefined;
}

import type { Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import type { Policy } from '@khien/shared/policy';
import type { Attempt } from '../bypass/attempt.ts';
import type { Clock } from '../clock/clock.ts';
import { type ResolverAddress, UdpResolver } from '../dns/udp-resolver.ts';
import type { Part } from '../lifecycle.ts';
import type { InForce } from '../policy/in-force.ts';
import { KernelCounters, type KernelCountersDeps } from './kernel-counters.ts';
import { Learner } from './learner.ts';
import { LookAhead } from './look-ahead.ts';
import { lookAheadNames } from './look-ahead-names.ts';
import type { ServiceRegistry } from './service-registry.ts';
import type { ServiceCounters, Traffic, UsageMarks } from './traffic.ts';

export interface ServicesDeps extends Omit<KernelCountersDeps, 'registry'> {
  readonly clock: Clock;
  /** Milliseconds of a steady clock. */
  readonly uptime: () => number;
  readonly registry: ServiceRegistry;
  readonly inForce: () => InForce;
  /** The router's own resolver, so that devices get the same addresses from its cache. */
  readonly resolver: ResolverAddress;
  /** Opens in the kernel what was learned for study; resolves when it is open. */
  readonly openStudy: () => Promise<void>;
}

/** Names of a policy, as this part asks for them. */
interface PolicyNames {
  readonly policy: Policy;
  /** Stay reachable whatever shares their addresses. */
  readonly protectedNames: readonly DnsName[];
  readonly hosts: readonly DnsName[];
}

/** Knows by which addresses services are reached, and what devices exchange with them. */
export class Services implements Part, ServiceCounters {
  readonly name = 'services';
  readonly #deps: ServicesDeps;
  readonly #resolver: UdpResolver;
  readonly #learner: Learner;
  readonly #lookAhead: LookAhead;
  readonly #counters: KernelCounters;
  #names: PolicyNames | undefined;

  constructor(deps: ServicesDeps) {
    const { clock, uptime, registry } = deps;
    this.#deps = deps;
    const resolver = new UdpResolver(deps.resolver, clock);
    this.#resolver = resolver;
    this.#learner = new Learner(registry, () => this.#namesInForce().protectedNames);
    this.#lookAhead = new LookAhead({
      clock,
      uptime,
      hosts: () => this.#namesInForce().hosts,
      ask: (query) => resolver.ask(query),
      learn: (name, response) => this.#learner.lookedUp(name, response),
    });
    this.#counters = new KernelCounters(deps);
  }

  async start(): Promise<void> {
    await this.#resolver.start();
    await this.#lookAhead.start();
  }

  async stop(): Promise<void> {
    await this.#lookAhead.stop();
    this.#resolver.stop();
  }

  /**
   * Takes up an answer of the resolver to a device's question for `name` (as `readQname` writes it), which may be of the name's
   * filtered form. What it resolves with must be waited for before the answer is handed on. Rejects as `openStudy` does.
   */
  learn(name: string, mac: Mac | undefined, response: Buffer, rewritten: boolean): Promise<void> | undefined {
    return this.#learner.learn(name, mac, response, rewritten) ? this.#deps.openStudy() : undefined;
  }

  /** Traffic of managed devices since the last call, in all and by service. Throws NetlinkError. */
  readUsage(): Promise<readonly Traffic[]> {
    return this.#counters.readUsage();
  }

  usageMarks(): UsageMarks {
    return this.#counters.usageMarks();
  }

  resumeUsage(marks: UsageMarks): void {
    this.#counters.resumeUsage(marks);
  }

  /** Connections to addresses of blocked services that were tried since the last call. Throws NetlinkError. */
  attempts(): Promise<readonly Attempt[]> {
    return this.#counters.attempts();
  }

  #namesInForce(): PolicyNames {
    const { policy } = this.#deps.inForce();
    if (this.#names?.policy !== policy) this.#names = namesOf(policy);
    return this.#names;
  }
}

function namesOf(policy: Policy): PolicyNames {
  const { profiles, services, learningNames } = policy;
  const protectedNames = [
    ...new Set([...profiles.flatMap(({ rules }) => rules.allowedNames), ...learningNames]),
  ];
  const isBlocked = ({ id, category }: Policy['services'][number]) =>
    profiles.some(
      ({ rules }) => rules.blockedServices.includes(id) || rules.blockedCategories.includes(category),
    );
  const [blocked, others] = [services.filter(isBlocked), services.filter((each) => !isBlocked(each))];
  return {
    policy,
    protectedNames,
    hosts: [
      // First, so that nobody is refused for a moment what must stay reachable.
      ...lookAheadNames(protectedNames.map((name) => [name])),
      ...lookAheadNames([...blocked, ...others].map(({ names }) => names)),
    ],
  };
}

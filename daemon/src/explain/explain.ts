import type { DocumentVersions } from '@khien/shared/document';
import type { DnsName } from '@khien/shared/name';
import { isUnder, longestSuffix } from '@khien/shared/name';
import { accessAt, nothingUsed, type Profile } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { ExplainRequest } from '../control/protocol.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import { type Verdict, Verdicts } from '../dns/verdict.ts';
import { desiredState } from '../enforce/desired.ts';
import { PORTAL_NAME, UNDECIDED } from '../layout.ts';
import type { NameLists } from '../lists/name-lists.ts';
import { InForce } from '../policy/in-force.ts';
import type { DeviceExplanation, Explanation, Rule } from './explanation.ts';
import { type AskedDevice, findDevices } from './find-devices.ts';
import { classifiedAs, type KernelSide, routeOf } from './kernel-side.ts';
import { localMoment } from './local-moment.ts';

export interface ExplainDeps {
  readonly clock: Clock;
  readonly inForce: () => InForce;
  readonly versions: () => DocumentVersions;
  readonly lists: () => NameLists;
  readonly devices: LanDevices;
  /** `enforcing`, or the code of what hinders it. */
  readonly enforcement: () => string;
  /** What the kernel holds now; undefined where it cannot be read. */
  readonly kernel: () => Promise<KernelSide | undefined>;
}

/**
 * Why a name is allowed or not on the devices that are asked for: the responder's own decision for each, the state of the
 * child's network, and what the kernel does with the query.
 *
 * @throws KhienError `NO_SUCH_DEVICE`, `AMBIGUOUS_DEVICE`
 */
export async function explain({ name, device }: ExplainRequest, deps: ExplainDeps): Promise<Explanation> {
  const kernel = await deps.kernel();
  const inForce = deps.inForce();
  const { policy } = inForce;
  const lists = deps.lists();
  const { policy: version, contacts } = deps.versions();
  const now = deps.clock.now();
  const asked = findDevices(device, inForce, deps.devices);
  const timeless = withoutTimes(inForce);
  const verdicts = new Verdicts({
    inForce: () => timeless,
    lists: () => lists,
    clock: deps.clock,
  });
  const kernelOf = kernelView(kernel, name, inForce, lists, now);
  return {
    name,
    now: localMoment(policy.offsets, now),
    zone: policy.zone,
    policy: version,
    contacts,
    lists: lists.revision,
    enforcement: deps.enforcement(),
    devices: asked.map((each) => ({
      ...decisionFor(each, name, inForce, verdicts, now),
      kernel: kernelOf(each),
    })),
  };
}

/** The same rules with every child's network on: what the responder decides when no schedule and no pause is in the way. */
function withoutTimes({ policy, contacts }: InForce): InForce {
  const profiles = policy.profiles.map((profile) => ({
    ...profile,
    pause: null,
    grant: null,
    rules: { ...profile.rules, schedules: [] },
  }));
  return new InForce({ ...policy, profiles }, contacts);
}

function decisionFor(
  { name: deviceName, child, macs }: AskedDevice,
  name: DnsName,
  inForce: InForce,
  verdicts: Verdicts,
  now: number,
): Omit<DeviceExplanation, 'kernel'> {
  if (child === undefined) {
    const rule: Rule = { kind: 'not-managed', id: null, listed: null };
    return { name: deviceName, child: null, macs: [...macs], decision: 'allowed', rule, network: null };
  }
  const { decision, rule } = ruleOf(verdicts.of(macs[0], name), name, inForce, child);
  const { online, reason, until } = accessAt(child, { ...inForce.policy, used: nothingUsed }, now);
  // In every state the responder answers for these.
  const always = rule.kind === 'help' || rule.kind === 'portal' || rule.kind === 'bypass';
  return {
    name: deviceName,
    child: { id: child.id, name: child.name },
    macs: [...macs],
    decision: online || always ? decision : 'offline',
    rule,
    network: {
      online,
      reason,
      until: until === null ? null : localMoment(inForce.policy.offsets, until),
    },
  };
}

function ruleOf(
  verdict: Verdict,
  name: DnsName,
  inForce: InForce,
  child: Profile,
): Pick<DeviceExplanation, 'decision' | 'rule'> {
  switch (verdict.kind) {
    case 'help': {
      const listed = longestSuffix(name, inForce.helpNames) ?? name;
      return { decision: 'help', rule: { kind: 'help', id: null, listed } };
    }
    case 'portal':
      return { decision: 'allowed', rule: { kind: 'portal', id: null, listed: name } };
    case 'absent':
    case 'empty': {
      const kind = isUnder(name, PORTAL_NAME) ? 'portal' : 'bypass';
      return { decision: 'blocked', rule: { kind, id: null, listed: null } };
    }
    case 'blocked': {
      const { kind, id, name: listed } = verdict.target;
      if (kind === 'name') return { decision: 'blocked', rule: { kind: 'blocked-name', id: null, listed } };
      return { decision: 'blocked', rule: { kind, id, listed } };
    }
    case 'rewrite':
      return { decision: 'allowed', rule: { kind: 'safe-search', id: null, listed: verdict.to } };
    default: {
      const listed = longestSuffix(name, child.rules.allowedNames);
      const kind = listed === undefined ? 'no-rule' : 'allowed-name';
      return { decision: 'allowed', rule: { kind, id: null, listed: listed ?? null } };
    }
  }
}

/** What the kernel does for each device; null where it could not be read. */
function kernelView(
  kernel: KernelSide | undefined,
  name: DnsName,
  inForce: InForce,
  lists: NameLists,
  now: number,
): (device: AskedDevice) => DeviceExplanation['kernel'] {
  if (kernel === undefined) return () => null;
  const nowhere = { ports: [], routerMacs: [], addresses: [], interfaces: [] };
  const desired = desiredState(inForce, {
    now,
    lan: nowhere,
    helpAddresses: [],
    serviceAddresses: new Map(),
    listed: () => 0,
  });
  const answer = classifiedAs(name, desired, lists);
  return ({ child, macs }) => {
    const mask = child === undefined ? UNDECIDED : (desired.profiles.get(child.id) ?? UNDECIDED);
    const routes = new Set(macs.map((mac) => routeOf(mac, kernel, answer, mask)));
    const [route = null] = routes;
    return {
      managed: macs.every((mac) => kernel.managed.has(mac)),
      passes: macs.every((mac) => !kernel.managed.has(mac) || kernel.leases.has(mac)),
      // A device with several addresses that the kernel does not treat alike.
      route: routes.size === 1 ? route : null,
    };
  };
}

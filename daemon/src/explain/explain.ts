import type { DocumentVersions } from '@khien/shared/document';
import type { Mac } from '@khien/shared/id';
import type { DnsName } from '@khien/shared/name';
import { isUnder, longestSuffix } from '@khien/shared/name';
import { deviceAccessAt, type Profile } from '@khien/shared/policy';
import type { Clock } from '../clock/clock.ts';
import type { ExplainRequest } from '../control/protocol.ts';
import type { LanDevices } from '../devices/lan-devices.ts';
import { type Verdict, Verdicts } from '../dns/verdict.ts';
import { desiredState } from '../enforce/desired.ts';
import { ownNames } from '../enforce/own-names.ts';
import { PORTAL_NAME, UNDECIDED } from '../layout.ts';
import type { NameLists } from '../lists/name-lists.ts';
import { InForce } from '../policy/in-force.ts';
import { nothingOpen } from '../services/study-addresses.ts';
import type { UsedAt } from '../usage/account.ts';
import { basisAhead, type ChildDevice, nextChange } from './course.ts';
import type { DeviceExplanation, Explanation } from './explanation.ts';
import { type AskedDevice, findDevices } from './find-devices.ts';
import { classifiedAs, isClosedStranger, type KernelSide, routeOf } from './kernel-side.ts';
import { localMoment } from './local-moment.ts';

export interface ExplainDeps {
  readonly clock: Clock;
  readonly inForce: () => InForce;
  readonly versions: () => DocumentVersions;
  readonly lists: () => NameLists;
  /** Minutes used of the quotas of a policy. */
  readonly used: (inForce: InForce) => UsedAt;
  readonly devices: LanDevices;
  /** Addresses that are taken for children's devices until the parents have answered. */
  readonly provisional: () => readonly { readonly mac: Mac }[];
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
  const used = deps.used(inForce);
  const provisional = new Set(deps.provisional().map(({ mac }) => mac));
  const kernelOf = kernelView(kernel, name, inForce, { lists, used, now });
  return {
    name,
    now: localMoment(policy.offsets, now),
    zone: policy.zone,
    policy: version,
    contacts,
    lists: lists.revision,
    enforcement: deps.enforcement(),
    devices: asked.map((each) => ({
      ...decisionFor(each, name, inForce, { lists, used, now }),
      provisional: each.macs.filter((mac) => provisional.has(mac)),
      kernel: kernelOf(each),
    })),
  };
}

/** The same rules with every network on: what the responder decides of names when nothing keeps a device off. */
function withNetworkOn({ policy, contacts }: InForce): InForce {
  const profiles = policy.profiles.map((profile) => ({
    ...profile,
    pause: null,
    rules: {
      ...profile.rules,
      schedules: profile.rules.schedules.filter(({ mode }) => mode !== 'offline'),
      quotas: profile.rules.quotas.filter(({ of }) => of.kind !== 'network'),
    },
  }));
  const devices = policy.devices.map((device) => ({ ...device, pause: null }));
  return new InForce({ ...policy, profiles, devices }, contacts);
}

interface Known {
  readonly lists: NameLists;
  readonly used: UsedAt;
  readonly now: number;
}

function decisionFor(
  { name: deviceName, macs }: AskedDevice,
  name: DnsName,
  inForce: InForce,
  known: Known,
): Omit<DeviceExplanation, 'kernel' | 'provisional'> {
  const [mac = ''] = macs;
  const managed = inForce.managed(mac);
  if (managed === undefined) {
    const { decision, rule } = unmanaged(mac, name, inForce);
    return { name: deviceName, child: null, macs: [...macs], decision, until: null, rule, network: null };
  }
  const { profile, device } = managed;
  const { offsets } = inForce.policy;
  const moment = (at: number | null) => (at === null ? null : localMoment(offsets, at));
  const explained = decisions(managed, mac, name, inForce, known);
  const { online, reason, until } = deviceAccessAt(device, profile, explained.basisAt(known.now), known.now);
  const changesAt = nextChange(managed, known.now, explained.basisAt, (at) => explained.at(at).decision);
  return {
    name: deviceName,
    child: { id: profile.id, name: profile.name },
    macs: [...macs],
    ...explained.at(known.now),
    until: moment(changesAt),
    network: { online, reason, until: moment(until) },
  };
}

/** Of a device that nobody manages. */
function unmanaged(mac: Mac, name: DnsName, inForce: InForce): Pick<DeviceExplanation, 'decision' | 'rule'> {
  if (!inForce.isQuarantined(mac)) {
    return { decision: 'allowed', rule: { kind: 'not-managed', id: null, listed: null } };
  }
  const listed = longestSuffix(name, inForce.helpNames);
  if (listed !== undefined) return { decision: 'help', rule: { kind: 'help', id: null, listed } };
  return { decision: 'offline', rule: { kind: 'quarantine', id: null, listed: null } };
}

/** What is decided of a name for a device, now and at times to come. */
function decisions(
  { profile, device }: ChildDevice,
  mac: Mac,
  name: DnsName,
  inForce: InForce,
  { lists, used, now }: Known,
) {
  const { policy } = inForce;
  const access = deviceAccessAt(device, profile, { ...policy, used }, now);
  const basisAt = (at: number) => basisAhead(policy, used, access, now, at);
  const on = withNetworkOn(inForce);
  let time = now;
  const verdicts = new Verdicts({
    inForce: () => on,
    lists: () => lists,
    clock: { now: () => time },
    used: () => basisAt(time).used,
  });
  return {
    basisAt,
    at: (at: number): Pick<DeviceExplanation, 'decision' | 'rule'> => {
      time = at;
      const { decision, rule } = ruleOf(verdicts.of(mac, name), name, inForce, profile);
      // In every state the responder answers for these.
      const always = rule.kind === 'help' || rule.kind === 'portal' || rule.kind === 'bypass';
      const { online } = deviceAccessAt(device, profile, basisAt(at), at);
      return { decision: online || always ? decision : 'offline', rule };
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
  { lists, used, now }: Known,
): (device: AskedDevice) => DeviceExplanation['kernel'] {
  if (kernel === undefined) return () => null;
  const nowhere = { ports: [], routerMacs: [], addresses: [], interfaces: [] };
  const desired = desiredState(inForce, {
    now,
    lan: nowhere,
    helpAddresses: [],
    addressesOf: () => [],
    used,
    serviceAddresses: new Map(),
    study: nothingOpen,
    ownNames: (of) => ownNames(of, () => 0),
  });
  const answer = classifiedAs(name, desired, lists);
  return ({ child, macs }) => {
    const mask = child === undefined ? UNDECIDED : (desired.profiles.get(child.id) ?? UNDECIDED);
    const routes = new Set(
      macs.map((mac) => routeOf(mac, kernel, answer, mask, desired.protectedDevices.includes(mac))),
    );
    const [route = null] = routes;
    return {
      managed: macs.every((mac) => kernel.managed.has(mac)),
      passes: macs.every((mac) =>
        kernel.managed.has(mac) ? kernel.leases.has(mac) : !isClosedStranger(mac, kernel),
      ),
      // A device with several addresses that the kernel does not treat alike.
      route: routes.size === 1 ? route : null,
    };
  };
}

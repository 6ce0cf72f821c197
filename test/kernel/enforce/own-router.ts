import { execFileSync } from 'node:child_process';
import { nothingUsed, type Used } from '@khien/shared/policy';
import { Nftables, type SetInfo, type TableRef } from 'node-nftables';
import { ManualClock } from '../../../daemon/src/clock/manual-clock.ts';
import type { LanSide, LanSideSource } from '../../../daemon/src/devices/lan-side.ts';
import { FakeDevices } from '../../../daemon/src/dns/fixture/lan.ts';
import { Enforcer } from '../../../daemon/src/enforce/enforcer.ts';
import { type Household, household } from '../../../daemon/src/enforce/fixture/household.ts';
import { type Kernel, linux } from '../../../daemon/src/enforce/kernel.ts';
import { type NameLists, noLists } from '../../../daemon/src/lists/name-lists.ts';
import { InForce } from '../../../daemon/src/policy/in-force.ts';
import { ServiceRegistry } from '../../../daemon/src/services/service-registry.ts';

export const ports = ['lan1', 'lan2'];

/** The LAN side of this namespace, whose interfaces lead nowhere. */
export class OwnSide implements LanSideSource {
  #side: LanSide = {
    ports,
    routerMacs: ['94:83:c4:00:50:01'],
    addresses: ['192.168.50.1', 'fd50::1', 'fe80::1%br-lan'],
    interfaces: ['br-lan'],
  };
  readonly #listeners = new Set<(side: LanSide) => void>();

  current(): LanSide {
    return this.#side;
  }

  onChange(listener: (side: LanSide) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  change(part: Partial<LanSide>): void {
    this.#side = { ...this.#side, ...part };
    for (const listener of this.#listeners) listener(this.#side);
  }
}

/** An enforcer in this process and namespace, with a clock that a test moves. */
export class OwnRouter {
  readonly side = new OwnSide();
  readonly clock = new ManualClock();
  readonly reports: { code: string; [detail: string]: unknown }[] = [];
  readonly services = new ServiceRegistry(linux.uptime);
  readonly enforcer: Enforcer;
  lists: NameLists = noLists;
  used: Used = nothingUsed;

  constructor(kernel: Kernel = linux) {
    this.enforcer = new Enforcer({
      clock: this.clock,
      devices: new FakeDevices(),
      side: this.side,
      lists: () => this.lists,
      used: () => (profile, quota, at) => this.used(profile, quota, at),
      services: this.services,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      report: (code, detail) => this.reports.push({ code, ...detail }),
      kernel,
    });
  }

  /** Applies, and waits for the names to be in the kernel. */
  async apply(home: Household): Promise<void> {
    await this.applyOnly(home);
    await this.enforcer.loaded();
  }

  applyOnly(home: Household): Promise<void> {
    const { policy, contacts } = household(home);
    return this.enforcer.apply(new InForce(policy, contacts));
  }
}

export function addPorts(): void {
  for (const port of ports) execFileSync('ip', ['link', 'add', port, 'type', 'bridge']);
}

export function nft(...args: string[]): string {
  return execFileSync('nft', args, {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** All tables of this namespace, without numbers that differ from run to run. */
export async function ruleset(): Promise<unknown> {
  const kernel = new Nftables();
  try {
    const tables = (await kernel.listTables()).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const described: Record<string, unknown> = {};
    for (const table of tables) described[nameOf(table)] = await describeTable(kernel, table);
    return described;
  } finally {
    kernel.close();
  }
}

async function describeTable(kernel: Nftables, table: TableRef) {
  const chains: Record<string, number> = {};
  for (const chain of await kernel.listChains(table))
    chains[chain.name] = (await kernel.listRules(chain)).length;
  const sets: Record<string, string[]> = {};
  for (const set of await kernel.listSets(table)) sets[set.name] = await elementsOf(kernel, set);
  return { chains: sorted(chains), sets: sorted(sets) };
}

async function elementsOf(kernel: Nftables, set: SetInfo): Promise<string[]> {
  const elements = await kernel.listElements(set);
  return elements
    .map(({ key, data, verdict }) =>
      [key.toString('hex'), data?.toString('hex'), JSON.stringify(verdict)].join(' '),
    )
    .sort();
}

const nameOf = ({ family, name }: TableRef) => `${family} ${name}`;

function sorted<T>(record: Record<string, T>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

import type { AttributeWriter } from '../netlink/attribute-writer.ts';
import { Attributes, eachAttribute } from '../netlink/attributes.ts';
import { NetlinkError } from '../netlink/error.ts';
import { readGenericHeader } from '../netlink/nfnetlink.ts';
import { checkName } from './name.ts';
import { type Family, familyName } from './protocol.ts';
import type { TableRef } from './table.ts';
import { commentType, decodeComment, encodeComment } from './userdata.ts';

export interface ChainRef {
  readonly table: TableRef;
  readonly name: string;
}

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress';

/** What binds a base chain to the packet path. */
export interface BaseChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: Hook;
  /** Chains with a lower number see the packet first; see linux/netfilter_ipv4.h, enum nf_ip_hook_priorities. */
  readonly priority: number;
  /** For packets no rule decided on; absent, it is `accept` for a new chain and stays as it is for another. */
  readonly policy?: 'accept' | 'drop';
  /** Interface names, for hooks `ingress` and `egress` only. More than one needs Linux 5.5. */
  readonly devices?: readonly string[];
}

export interface Chain extends ChainRef {
  readonly base?: BaseChain;
  readonly comment?: string;
}

export interface ChainInfo extends ChainRef {
  readonly handle: number;
  readonly base:
    | (Omit<BaseChain, 'policy' | 'devices'> & Required<Pick<BaseChain, 'policy' | 'devices'>>)
    | undefined;
  /** Rules in it and jumps to it. */
  readonly use: number;
  readonly comment: string | undefined;
}

const attribute = {
  table: 1,
  handle: 2,
  name: 3,
  hook: 4,
  policy: 5,
  use: 6,
  type: 7,
  userdata: 12,
} as const;
const hookAttribute = { number: 1, priority: 2, device: 3, devices: 4 } as const;
const LIST_ELEMENT = 1;

const NF_DROP = 0;
const NF_ACCEPT = 1;

// linux/netfilter.h: enum nf_inet_hooks, nf_dev_hooks; linux/netfilter_arp.h
const inetHooks: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'];
const netdevHooks: readonly Hook[] = ['ingress', 'egress'];
const arpHooks: readonly Hook[] = ['input', 'output', 'forward'];

function hooksOf(family: Family): readonly Hook[] {
  return family === 'netdev' ? netdevHooks : family === 'arp' ? arpHooks : inetHooks;
}

export function writeChain(writer: AttributeWriter, chain: Chain): void {
  writeChainRef(writer, chain);
  if (chain.base !== undefined) {
    const { type, policy, ...hook } = chain.base;
    writeHook(writer, chain.table.family, hook);
    if (policy !== undefined) writer.u32(attribute.policy, policy === 'drop' ? NF_DROP : NF_ACCEPT);
    writer.string(attribute.type, type);
  }
  if (chain.comment !== undefined) {
    writer.bytes(attribute.userdata, encodeComment(commentType.chain, chain.comment));
  }
}

export function writeChainRef(writer: AttributeWriter, chain: ChainRef): void {
  writer.string(attribute.table, checkName(chain.table.name));
  writer.string(attribute.name, checkName(chain.name));
}

function writeHook(
  writer: AttributeWriter,
  family: Family,
  { hook, priority, devices = [] }: Pick<BaseChain, 'hook' | 'priority' | 'devices'>,
): void {
  const number = hooksOf(family).indexOf(hook);
  if (number < 0) throw new NetlinkError('EINVAL', `the family ${family} has no hook ${hook}`);
  const [only, ...others] = devices;
  writer.nest(attribute.hook, () => {
    writer.u32(hookAttribute.number, number);
    writer.u32(hookAttribute.priority, priority);
    if (only === undefined) return;
    if (others.length === 0) writer.string(hookAttribute.device, only);
    else {
      writer.nest(hookAttribute.devices, () => {
        for (const device of devices) writer.string(LIST_ELEMENT, device);
      });
    }
  });
}

export function parseChain(payload: Buffer): ChainInfo {
  const header = readGenericHeader(payload);
  const family = familyName(header.family);
  const attributes = new Attributes(header.attributes);
  return {
    table: { family, name: attributes.required(attributes.string(attribute.table), 'the table of a chain') },
    name: attributes.required(attributes.string(attribute.name), 'the name of a chain'),
    handle: attributes.u64(attribute.handle) ?? 0,
    base: parseBase(family, attributes),
    use: attributes.u32(attribute.use) ?? 0,
    comment: decodeComment(commentType.chain, attributes.bytes(attribute.userdata)),
  };
}

function parseBase(family: Family, attributes: Attributes): ChainInfo['base'] {
  const hook = attributes.nested(attribute.hook);
  const type = attributes.string(attribute.type);
  if (hook === undefined) return undefined;
  const name = hooksOf(family)[hook.u32(hookAttribute.number) ?? -1];
  if (name === undefined || (type !== 'filter' && type !== 'nat' && type !== 'route')) {
    throw new NetlinkError('EBADMSG', 'malformed netlink reply: an unknown kind of base chain');
  }
  return {
    type,
    hook: name,
    priority: hook.i32(hookAttribute.priority) ?? 0,
    policy: attributes.u32(attribute.policy) === NF_DROP ? 'drop' : 'accept',
    devices: parseDevices(hook),
  };
}

function parseDevices(hook: Attributes): string[] {
  const list = hook.bytes(hookAttribute.devices);
  if (list !== undefined)
    return Array.from(eachAttribute(list), ([, name]) => name.toString('utf8', 0, name.length - 1));
  const device = hook.string(hookAttribute.device);
  return device === undefined ? [] : [device];
}
